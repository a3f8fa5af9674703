using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>Processes die as <c>kill -9</c> makes them die, while others write; afterwards both databases hold the same rows.</summary>
public sealed class KillTests(TestServers servers) : PipelineFixture(servers)
{
    [Fact]
    public async Task A_capture_killed_under_load_loses_and_doubles_nothing()
    {
        using var end = new CancellationTokenSource();
        var writing = Task.WhenAll(WriteAsync(1, end.Token), WriteAsync(2, end.Token));
        for (var kill = 0; kill < 3; kill++)
        {
            using var capture = StartCapture();
            var before = await FilesAsync();
            // Two files are of the snapshot; a later capture dies as soon as it has written one file of several.
            await capture.KillWhenAsync(async () => await FilesAsync() >= before + (kill == 0 ? 3 : 1));
        }

        await end.CancelAsync();
        await writing;

        await ArrivesIdenticalAsync();
    }

    [Fact]
    public async Task A_capture_killed_in_its_snapshot_begins_a_new_generation()
    {
        await Source.ExecuteAsync("INSERT INTO accounts SELECT n, n, repeat('long text ', 20) FROM generate_series(10000, 200000) n");
        using (var capture = StartCapture())
            await capture.KillWhenAsync(async () => await FilesAsync() >= 1);
        // What the killed snapshot left is merged, and some of it is then deleted where no stream can see it.
        await SucceedsAsync(StartMerge());
        await Source.ExecuteAsync("DELETE FROM accounts WHERE id % 3 = 0; DELETE FROM entries WHERE account % 5 = 0");

        await ArrivesIdenticalAsync();
    }
}
