using CdcDms.Contract.Functions;
using CdcDms.Local.ConsoleServer;

namespace CdcDms.Local.Tests.ConsoleServer;

/// <summary>How many look at the health, for how many pages.</summary>
public sealed class HealthLooksTests
{
    [Fact]
    public async Task Pages_that_ask_while_a_look_goes_on_share_the_next_one_and_none_gets_a_look_that_began_before()
    {
        var (looks, going, together) = (0, 0, 0);
        var (begun, held) = (new TaskCompletionSource(), new TaskCompletionSource());
        var health = new HealthLooks(
            async _ =>
            {
                var report = new HealthReport { CheckedUtc = DateTime.UnixEpoch.AddDays(++looks), Findings = [], Tables = [] };
                together = Math.Max(together, Interlocked.Increment(ref going));
                begun.TrySetResult();
                await held.Task;
                Interlocked.Decrement(ref going);
                return report;
            },
            CancellationToken.None);
        var cancellationToken = TestContext.Current.CancellationToken;

        var first = health.AskAsync(cancellationToken);
        await begun.Task;
        Task<HealthReport>[] others = [health.AskAsync(cancellationToken), health.AskAsync(cancellationToken)];
        using var left = new CancellationTokenSource();
        var away = health.AskAsync(left.Token);
        await left.CancelAsync();
        // A look that does not wait for the first has begun by then.
        for (var turn = 0; turn < 1000 && looks == 1; turn++)
            await Task.Yield();
        held.SetResult();

        Assert.Equal(2, (await first).CheckedUtc.Day);
        Assert.All(await Task.WhenAll(others), report => Assert.Equal(3, report.CheckedUtc.Day));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => away);
        Assert.Equal((2, 1), (looks, together));
        Assert.Equal(4, (await health.AskAsync(cancellationToken)).CheckedUtc.Day);
    }

    [Fact]
    public async Task A_look_that_fails_is_told_and_the_next_one_is_another()
    {
        var looks = 0;
        var health = new HealthLooks(
            _ => ++looks == 1
                ? throw new InvalidOperationException("It is odd.")
                : Task.FromResult(new HealthReport { CheckedUtc = DateTime.UnixEpoch, Findings = [], Tables = [] }),
            CancellationToken.None);

        await Assert.ThrowsAsync<InvalidOperationException>(() => health.AskAsync(TestContext.Current.CancellationToken));

        Assert.Empty((await health.AskAsync(TestContext.Current.CancellationToken)).Findings);
    }
}
