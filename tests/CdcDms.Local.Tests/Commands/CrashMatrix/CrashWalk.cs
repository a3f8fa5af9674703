using CdcDms.Testing;
using CdcDms.Testing.Proxies;

namespace CdcDms.Local.Tests.Commands.CrashMatrix;

/// <summary>
/// Lets merges of one lake die one after the other, each at the next point of its conversation with the database, until one reaches its end.
/// Every other dies as <c>kill -9</c> makes it die; of the others the server ends the session (a process start is what a death costs, so
/// each point has one). Each is the rerun of the one before: it passes all points up to its own. At a COMMIT one dies before it, and the next
/// when it is done and not yet answered; whenever something was committed, the points are walked from the start, since the rest is another merge.
/// </summary>
internal sealed class CrashWalk(TestServers servers, CrashScenario scenario, params Sight[] states)
{
    private const int MostDeaths = 200;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private int _deaths;
    private int _state;

    /// <summary>The walk. What is seen at any time is one of the states whole, with the rows that the ledger has read for it, and never an earlier one again.</summary>
    public async Task ArrivesAsync()
    {
        var outcome = await scenario.UndisturbedOutcomeAsync();
        var (stop, content) = (new StopAt(1), await scenario.ContentAsync());
        while (await DieAsync(stop) is { } point)
        {
            var left = await scenario.ContentAsync();
            stop = left != content ? new StopAt(1) : point.Commits && !stop.Answered ? stop with { Answered = true } : new StopAt(point.Number + 1);
            content = left;
            Assert.True(++_deaths < MostDeaths, $"After {_deaths} deaths no merge came to its end; the last died at {point}.");
        }

        Assert.Equal(states.Length - 1, _state);
        Assert.Equal(outcome, await scenario.OutcomeAsync());
    }

    /// <summary>One merge; null when it came to its end before the point.</summary>
    private async Task<CrashPoint?> DieAsync(StopAt stop)
    {
        await using var proxy = PostgresProxy.Start(servers.Postgres, stop);
        using var merge = scenario.Start(proxy.Through(scenario.Analytics.ConnectionString));
        var ending = merge.EndAsync();
        if (await Task.WhenAny(proxy.Stopped, ending).WaitAsync(Deadline) == ending)
        {
            // Every batch was committed by a merge that did not live to hear it; nothing is left to read.
            Assert.Equal(0, CrashScenario.Read(await ending));
            await SeesAsync("after the last merge");
            return null;
        }

        var point = await proxy.Stopped;
        var killed = _deaths % 2 == 0;
        var where = $"{(killed ? "killed" : "session ended")} at {point}{(stop.Answered ? ", done and not answered" : "")}";
        await SeesAsync($"while held, to be {where}");
        if (killed)
            await merge.KillAsync();
        else
            await EndSessionAsync(point);
        var end = await ending.WaitAsync(Deadline);
        if (!killed)
            Assert.True(end is { ExitCode: 1, Output: "" } && IsSentence(end.Errors), $"It said, when {where}: {end}");
        await SeesAsync($"after it was {where}");
        return point;
    }

    private async Task EndSessionAsync(CrashPoint point) => Assert.True(
        await scenario.Analytics.ScalarAsync<bool>($"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE client_port = {point.SessionPort}"),
        $"The session was gone at {point}.");

    private static bool IsSentence(string errors) =>
        errors.EndsWith(".\n", StringComparison.Ordinal) && errors.Count(character => character == '\n') == 1 && !errors.Contains("defect of CdcDms", StringComparison.Ordinal);

    private async Task SeesAsync(string when)
    {
        var seen = await scenario.SeeAsync();
        var state = Array.IndexOf(states, seen, _state);
        Assert.True(state >= 0, $"A reader saw {seen} {when}; it had seen {states[_state]}.");
        _state = state;
    }
}
