using System.Text.Json;
using CdcDms.Local.Capture;
using CdcDms.Local.Services;
using CdcDms.Local.Tests.Recovery;
using CdcDms.Local.Views;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>The verbs that compare, with a streaming standby as the connection by which rows are read.</summary>
public sealed class StandbyReadTests(TestServers servers) : IDisposable
{
    private const string Schema =
        "CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT i, 0 FROM generate_series(1, 1000) i";

    private readonly string _definitions = Path.GetTempFileName();

    public void Dispose() => File.Delete(_definitions);

    [Fact]
    public async Task A_damaged_row_is_repaired_by_what_a_standby_has_that_lags_behind_a_primary_that_is_written()
    {
        await using var primary = await EmbeddedPostgres.StartAsync(TestContext.Current.CancellationToken);
        await using var drill = await Drill.StartAsync(servers, primary.ConnectionString(), Schema);
        await using var standby = await StreamingStandby.StartAsync(
            primary, "hot_standby_feedback = on", "recovery_min_apply_delay = '300ms'");
        await drill.ArrivesIdenticalAsync();
        await drill.Analytics.ExecuteAsync("UPDATE analytics.t SET v = -1 WHERE id = 3; DELETE FROM analytics.t WHERE id = 4");
        await File.WriteAllTextAsync(
            _definitions, JsonSerializer.Serialize(drill.Options.Tables, LocalJson.Indented.IReadOnlyListTableDefinition));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var capturing = CaptureJob.RunAsync(drill.Options with { UntilIdle = null, IntervalSeconds = 1 }, end.Token);
        var writing = WriteAsync(drill, end.Token);

        var (exitCode, output, errors) = await RunAsync("repair", "--table", "public.t", "--all");
        Assert.True(exitCode == 0, output + errors);
        Assert.Equal(0, await drill.Analytics.ScalarAsync<int>("SELECT v FROM analytics.t WHERE id = 3"));
        (exitCode, output, errors) = await RunAsync("validate", "--wait");
        Assert.True(exitCode == 0, output + errors);

        await end.CancelAsync();
        await Task.WhenAll(capturing, writing);
        await drill.ArrivesIdenticalAsync();

        Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] verb) => CommandLine.RunAsync(
            servers,
            [
                .. verb, "--source", primary.ConnectionString(), "--read-source", standby.ConnectionString(),
                "--target", drill.Analytics.ConnectionString, "--tables", _definitions, "--file-seconds", "1",
                .. CommandLine.Lake(servers, drill.Options.Lake),
            ]);
    }

    private static async Task WriteAsync(Drill drill, CancellationToken end)
    {
        var random = new Random(7);
        while (!end.IsCancellationRequested)
            await drill.ChangeAsync($"UPDATE t SET v = v + 1 WHERE id = {random.Next(100, 1000)}");
    }
}
