using CdcDms.Contract.Functions;
using CdcDms.Local.Views;

namespace CdcDms.Local.Tests.Commands;

public sealed class BatchTimeTests
{
    private static readonly MergePhases Phases = new() { ListSeconds = 0.2, PrepareSeconds = 0.3, CopySeconds = 1.26, MergeSeconds = 2 };

    [Fact]
    public void Phases_that_take_less_than_a_fifth_and_the_usual_way_are_not_told() =>
        Assert.Equal("in 3.8 s (copy 1.3, merge 2.0)", BatchTime.Of(Phases, [MergeWay.Staged]));

    [Fact]
    public void Other_ways_are_told_one_after_the_other() =>
        Assert.Equal("in 0.07 s (merge 0.07; staged, careful)", BatchTime.Of(
            new MergePhases { MergeSeconds = 0.07 }, [MergeWay.Staged, MergeWay.Careful]));

    [Fact]
    public void Long_times_have_no_fractions() =>
        Assert.Equal("in 1,234 s (fetch 1,234; straight)", BatchTime.Of(
            new MergePhases { FetchSeconds = 1234.4 }, [MergeWay.Straight]));

    [Fact]
    public void What_was_not_measured_is_not_told() => Assert.Equal("in 0.0 s", BatchTime.Of(new MergePhases(), []));
}
