using CdcDms.Local.Views.Live;
using Microsoft.Extensions.Time.Testing;

namespace CdcDms.Local.Tests.Live;

/// <summary>What a live view knows by what it is told.</summary>
public sealed class LiveModelTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly LiveModel _model;

    public LiveModelTests()
    {
        _model = new LiveModel("rows merged", _clock);
        _model.Name(["public.t"]);
    }

    private LiveTable Table => Assert.Single(_model.Read().Tables);

    [Fact]
    public async Task What_many_write_at_once_is_all_there()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var row = 0; row < 1000; row++)
                _model.Change("public.t", table => table with { Done = (table.Done ?? 0) + 1 });
        })));

        Assert.Equal(8000, Table.Done);
    }

    [Fact]
    public void What_was_read_does_not_change_any_more()
    {
        _model.Say("one");
        var read = _model.Read();
        _model.Say("two");
        _model.Busy("public.t", "merging");

        Assert.Equal(("one", "waiting"), (Assert.Single(read.Log).Text, Assert.Single(read.Tables).State));
    }

    [Fact]
    public void The_log_keeps_the_newest_lines()
    {
        for (var line = 1; line <= 8; line++)
            _model.Say($"{line}");

        Assert.Equal(["3", "4", "5", "6", "7", "8"], _model.Read().Log.Select(line => line.Text));
    }

    [Fact]
    public void A_table_that_was_not_named_has_no_line()
    {
        _model.Busy("cdcdms.marker", "loading");

        Assert.Equal("waiting", Table.State);
    }

    [Fact]
    public void The_time_left_is_told_by_the_pace_once_there_is_one()
    {
        _model.Change("public.t", table => table with { State = "comparing", IsBusy = true, Done = 0, Total = 1000 });
        _clock.Advance(TimeSpan.FromSeconds(1));
        Work(done: 100);
        Assert.Null(Left());

        _clock.Advance(TimeSpan.FromSeconds(9));
        Work(done: 250);
        Assert.Equal(TimeSpan.FromSeconds(30), Left());

        _model.Change("public.t", table => table with { TotalGrows = true });
        Assert.Null(Left());

        _model.Change("public.t", table => table with { TotalGrows = false });
        Work(done: 1000);
        Assert.Null(Left());
    }

    [Fact]
    public void What_usually_takes_a_time_has_no_time_left_when_that_is_over()
    {
        _model.Busy("public.t", "waiting", TimeSpan.FromSeconds(8));
        Assert.Equal(TimeSpan.FromSeconds(8), Left());

        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Null(Left());
    }

    [Fact]
    public void When_nobody_writes_any_more_no_age_is_told()
    {
        _model.Change("public.t", table => table with { NewestUtc = _clock.GetUtcNow().UtcDateTime });
        Assert.NotNull(Table.NewestUtc);

        _model.WritingEnded();
        Assert.Null(Table.NewestUtc);
    }

    private TimeSpan? Left() => Table.Left(_clock.GetUtcNow().UtcDateTime);

    private void Work(long done) => _model.Change("public.t", table => table with { Done = done });
}
