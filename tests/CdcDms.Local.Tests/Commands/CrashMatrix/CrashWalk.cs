using CdcDms.Contract;
using CdcDms.Testing;
using CdcDms.Testing.Proxies;

namespace CdcDms.Local.Tests.Commands.CrashMatrix;

/// <summary>
/// Lets merges of one lake die one after the other, at each point of their conversation with the database: of one the server ends the
/// session, one is killed as <c>kill -9</c> does. Each is the rerun of the one before, and passes all points up to its own. At a COMMIT
/// they die before it, then when it is done and not yet answered. Whenever something was committed the points are walked from the
/// start, since what is left is another merge. The walk ends when a merge reaches its end. Points that neither commit nor are in data are
/// walked in steps of eight; with <see cref="Drills"/>, one by one.
/// </summary>
internal sealed class CrashWalk(TestServers servers, CrashScenario scenario, params Sight[] states)
{
    private const int MostDeaths = 400;
    private static readonly StopAt Start = new(1, Every: Drills.AreLong ? 1 : 8);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private string _content = "";
    private int _deaths;
    private int _commits;
    private int _state;

    private enum Death
    {
        /// <summary>
        /// The merge lives on and must say what happened. It needs no process of its own, whose start would cost most of this test.
        /// </summary>
        SessionEnded,

        /// <summary>A process of its own dies at once.</summary>
        Killed,
    }

    /// <summary>
    /// The walk. What is seen at any time is one of the states whole, with the rows that the ledger has read for it, and never an earlier
    /// one again.
    /// </summary>
    public async Task ArrivesAsync()
    {
        var outcome = await scenario.UndisturbedOutcomeAsync();
        _content = await scenario.ContentAsync();
        for (var stop = Start; stop is not null; stop = await NextAsync(stop))
            Assert.True(_deaths < MostDeaths, $"After {_deaths} deaths no merge has come to its end.");

        // Every batch was committed by a merge that did not live to hear it, so this one has nothing to read.
        Assert.Equal(0, await scenario.MergeAsync());
        Assert.Equal(states[^1], await scenario.SeeAsync());
        Assert.Equal(outcome, await scenario.OutcomeAsync());
    }

    /// <summary>The deaths at a point, one if it leaves a commit; gives the next point, null at the end.</summary>
    private async Task<StopAt?> NextAsync(StopAt stop)
    {
        CrashPoint? point = null;
        // Of the deaths after a commit only the first is one; they take turns.
        var killedFirst = stop.Answered && _commits % 2 == 0;
        foreach (var death in killedFirst ? [Death.Killed, Death.SessionEnded] : (Death[])[Death.SessionEnded, Death.Killed])
        {
            // The start of a process is most of what this test costs, so without commits or data only each sixteenth point has both deaths.
            if (death is Death.Killed && point is { Commits: false, InData: false, Number: var number } && number % 16 != 1)
                continue;
            point = await (death is Death.Killed ? KillAsync(stop) : EndSessionAsync(stop));
            if (point is null)
                return null;
            _deaths++;
            var before = _content;
            _content = await scenario.ContentAsync();
            if (_content == before)
                continue;
            _commits++;
            return Start;
        }

        return point!.Commits && !stop.Answered
            ? stop with { Number = point.Number, Answered = true }
            : Start with { Number = point.Number + 1 };
    }

    private async Task<CrashPoint?> KillAsync(StopAt stop)
    {
        await using var proxy = PostgresProxy.Start(servers.Postgres, stop);
        using var merge = scenario.Start(proxy.Through(scenario.Analytics.ConnectionString));
        if (await HeldAsync(proxy, SucceedAsync(merge), "killed") is not { } point)
            return null;
        await merge.KillAsync();
        await SeesAsync($"after it was killed at {point}");
        return point;
    }

    private static async Task SucceedAsync(CommandLine merge) => CrashScenario.Read(await merge.EndAsync());

    private async Task<CrashPoint?> EndSessionAsync(StopAt stop)
    {
        await using var proxy = PostgresProxy.Start(servers.Postgres, stop);
        var ending = scenario.MergeHereAsync(proxy.Through(scenario.Analytics.ConnectionString));
        if (await HeldAsync(proxy, ending, "without a session") is not { } point)
            return null;
        Assert.True(
            await scenario.Analytics.ScalarAsync<bool>(
                $"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE client_port = {point.SessionPort}"),
            $"The session was gone at {point}.");
        var fault = await Record.ExceptionAsync(() => ending.WaitAsync(Deadline));
        Assert.True(fault is CdcDmsException { Kind: ErrorKind.Unavailable }, $"Without its session at {point}, the merge said: {fault}");
        await SeesAsync($"after its session ended at {point}");
        return point;
    }

    /// <summary>Waits until a merge is held; null when it came to its end without reaching the point.</summary>
    private async Task<CrashPoint?> HeldAsync(PostgresProxy proxy, Task ending, string fate)
    {
        if (await Task.WhenAny(proxy.Stopped, ending).WaitAsync(Deadline) == ending)
        {
            await ending;
            return null;
        }

        var point = await proxy.Stopped;
        await SeesAsync($"while it was held, to be {fate}, at {point}");
        return point;
    }

    private async Task SeesAsync(string when)
    {
        var seen = await scenario.SeeAsync();
        var state = Array.IndexOf(states, seen, _state);
        Assert.True(state >= 0, $"A reader saw {seen} {when}; it had seen {states[_state]} before.");
        _state = state;
    }
}
