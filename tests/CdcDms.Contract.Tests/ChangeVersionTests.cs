using System.Globalization;
using CdcDms.Contract.Changes;

namespace CdcDms.Contract.Tests;

public class ChangeVersionTests
{
    private static readonly DateTime Time = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void A_sequence_from_the_wal_is_its_commit_time_and_its_lsn()
    {
        var sequence = ChangeSequence.FromWal(new DateTime(2026, 11, 22, 17, 30, 5, 129, DateTimeKind.Utc), 0x16_B374_D848);

        Assert.Equal("20261122173005120000000097500059720", sequence.ToString());
    }

    [Fact]
    public void Text_order_is_version_order_and_a_generation_is_above_all_of_the_one_before()
    {
        ChangeVersion[] rising =
        [
            new(0, ChangeSequence.FromWal(Time, 1)),
            ChangeVersion.FullLoad(1),
            new(1, ChangeSequence.FromWal(Time, 9)),
            new(1, ChangeSequence.FromWal(Time, 10)),
            new(1, ChangeSequence.FromWal(Time.AddMilliseconds(10), 1)),
            ChangeVersion.FullLoad(2),
            new(2, ChangeSequence.FromWal(Time.AddYears(-1), 1)),
            new(10, ChangeSequence.FromWal(Time, 1)),
            new(999, ChangeSequence.FromWal(DateTime.MaxValue, ulong.MaxValue)),
        ];

        Assert.Equal(rising, rising.Reverse().Order());
        Assert.Equal(rising, rising.Reverse().OrderBy(version => version.ToString(), StringComparer.Ordinal));
        Assert.Equal(rising, rising.Select(version => ChangeVersion.From(version.Value)));
        Assert.All(rising, version => Assert.Equal(ChangeVersion.Digits, version.ToString().Length));
    }

    [Theory]
    [InlineData("20261122173005120000000097500059720", "20261023173005120000000000000000000")]
    [InlineData("00010102000000000000000000000000007", "00000000000000000000000000000000000")]
    [InlineData("00000000000000000000000000000000042", "00000000000000000000000000000000000")]
    public void A_month_before_a_sequence_is_that_of_its_time_and_before_one_without_a_time_nothing(string sequence, string before) =>
        Assert.Equal(
            before,
            ChangeSequence.From(Int128.Parse(sequence, CultureInfo.InvariantCulture)).Before(TimeSpan.FromDays(30)).ToString());

    [Fact]
    public void Operators_compare_as_the_order_does()
    {
        var earlier = new ChangeVersion(1, ChangeSequence.FromWal(Time, 9));
        var later = new ChangeVersion(1, ChangeSequence.FromWal(Time, 10));
        var same = earlier;

        Assert.Equal((true, false, false), (earlier < later, later < earlier, earlier < same));
        Assert.Equal((false, true, false), (earlier > later, later > earlier, earlier > same));
        Assert.Equal((true, false, true), (earlier <= later, later <= earlier, earlier <= same));
        Assert.Equal((false, true, true), (earlier >= later, later >= earlier, earlier >= same));
    }
}
