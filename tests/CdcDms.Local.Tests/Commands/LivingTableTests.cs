using System.Globalization;
using System.Text.Json;
using CdcDms.Contract.Tables;
using CdcDms.Local.Capture;
using CdcDms.Local.Tests.Capture;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Proofs;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>Proofs of a table that four sessions write while it is captured and merged.</summary>
public sealed class LivingTableTests(TestServers servers)
{
    private const int Rows = 200;
    private const int Damaged = Rows + 1;
    private const int IntervalSeconds = 1;

    // More than a hundred are refused.
    private const int MostOpen = 50;

    private static readonly TimeSpan Writing = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable("CDCDMS_LIVING_SECONDS") ?? "2", CultureInfo.InvariantCulture));

    private static readonly TableDefinition Table = new() { Schema = "public", Name = "t", Target = "analytics.t" };

    [Fact]
    public async Task A_damaged_row_is_found_while_sessions_write_and_no_other_is_and_repair_cures_it()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            "CREATE TABLE t (id int PRIMARY KEY, n int, v text); "
            + $"INSERT INTO t SELECT i, 0, 'v' || i FROM generate_series(1, {Damaged}) i");
        test.Options = test.Options with { Tables = [Table], IntervalSeconds = IntervalSeconds, UntilIdle = null };
        await using var analytics = await servers.CreateDatabaseAsync();
        await analytics.ExecuteAsync("CREATE SCHEMA analytics; CREATE TABLE analytics.t (id int PRIMARY KEY, n int, v text)");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var capture = CaptureJob.RunAsync(test.Options, end.Token);
        var merging = MergeAsync(test, analytics, end.Token);
        using var written = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
        var writers = Task.WhenAll(Enumerable.Range(1, 4).Select(seed => WriteAsync(test.Source, seed, written.Token)));
        await CommandLine.WaitUntilAsync(() => analytics.ScalarAsync<bool>($"SELECT count(*) >= {Rows / 2} FROM analytics.t"));

        var proofs = new ProofJob(test.Source.ConnectionString, analytics.ConnectionString, IntervalSeconds);
        var keys = Enumerable.Range(1, Damaged).Select(id => new[] { $"{id}" }).ToList();
        written.CancelAfter(Writing);
        while (!written.IsCancellationRequested)
        {
            await proofs.AskAsync(Table, keys, repair: null, end.Token);
            await CommandLine.WaitUntilAsync(
                () => analytics.ScalarAsync<bool>($"SELECT count(*) < {MostOpen} FROM cdc.proofs WHERE outcome IS NULL"));
        }

        await writers;
        var asked = await analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.proofs");
        await CommandLine.WaitUntilAsync(() => analytics.ScalarAsync<bool>("SELECT bool_and(outcome IS NOT NULL) FROM cdc.proofs"));
        Assert.Equal(asked, await analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.proofs WHERE outcome = 'Proven'"));
        Assert.True(await analytics.ScalarAsync<bool>("SELECT bool_or(changed_since > 0) FROM cdc.proofs"));

        var moreWriters = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
        writers = Task.WhenAll(Enumerable.Range(5, 4).Select(seed => WriteAsync(test.Source, seed, moreWriters.Token)));
        await analytics.ExecuteAsync($"UPDATE analytics.t SET v = 'damaged' WHERE id = {Damaged}");
        var (foundExit, found) = await RunAsync(test, analytics, "validate", "--wait");
        var (exit, cured) = await RunAsync(test, analytics, "repair", "--table", "public.t", "--differences");
        await moreWriters.CancelAsync();
        await writers;

        Assert.Equal(
            (CommandRunFailed, 0, 1),
            (foundExit, found.GetProperty("repaired").GetInt32(), found.GetProperty("changed").GetInt32()));
        var difference = Assert.Single(found.GetProperty("differences").EnumerateArray());
        Assert.Equal($"{Damaged}", difference.GetProperty("key").GetProperty("id").GetString());
        Assert.Equal("v", Assert.Single(difference.GetProperty("columns").EnumerateArray()).GetString());
        Assert.Equal((0, 1), (exit, cured.GetProperty("repaired").GetInt32()));
        Assert.Equal($"v{Damaged}", await analytics.ScalarAsync<string>($"SELECT v FROM analytics.t WHERE id = {Damaged}"));
        await end.CancelAsync();
        await capture;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => merging);
    }

    private const int CommandRunFailed = 1;

    private async Task<(int ExitCode, JsonElement Result)> RunAsync(
        CaptureTest test, TestDatabase analytics, string verb, params string[] more)
    {
        var tables = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            tables, JsonSerializer.Serialize<IReadOnlyList<TableDefinition>>([Table], LocalJson.Indented.IReadOnlyListTableDefinition));
        var (exit, output, errors) = await CommandLine.RunAsync(
            servers,
            [
                verb, "--source", test.Source.ConnectionString, "--target", analytics.ConnectionString,
                .. CommandLine.Lake(servers, test.Options.Lake), "--tables", tables, "--file-seconds", $"{IntervalSeconds}", "--json",
                .. more,
            ]);
        File.Delete(tables);
        Assert.Contains("waits until all that the source had written by then is merged", errors, StringComparison.Ordinal);
        return (exit, JsonDocument.Parse(output).RootElement.GetProperty("tables")[0]);
    }

    private async Task MergeAsync(CaptureTest test, TestDatabase analytics, CancellationToken cancellationToken)
    {
        var lake = new LakeReader(servers.S3, test.Options.Lake);
        while (true)
        {
            if (await test.Source.ScalarAsync<bool>("SELECT to_regclass('cdcdms.marker') IS NOT NULL"))
                await MarkerWriter.WriteOneAsync(test.Source.ConnectionString, IntervalSeconds, cancellationToken);
            await new MarkerJob(lake, analytics.ConnectionString).MergeAsync(cancellationToken);
            await new MergeJob(lake, analytics.ConnectionString).RunAsync(Table, BatchLimits.Default, cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        }
    }

    /// <summary>Inserts, updates, deletes and gives rows other keys, but not the one that will be damaged.</summary>
    private static async Task WriteAsync(TestDatabase source, int seed, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        while (!cancellationToken.IsCancellationRequested)
        {
            var (id, other) = (random.Next(1, Rows + 1), random.Next(1, Rows + 1));
            var sql = random.Next(4) switch
            {
                0 => $"DELETE FROM t WHERE id = {id}",
                1 => $"UPDATE t SET id = {other} WHERE id = {id} AND NOT EXISTS (SELECT FROM t WHERE id = {other})",
                _ => $"INSERT INTO t VALUES ({id}, 1, 'v') ON CONFLICT (id) DO UPDATE SET n = t.n + 1, v = 'w' || t.n",
            };
            await source.ExecuteAsync($"DO $$ BEGIN {sql}; EXCEPTION WHEN unique_violation THEN NULL; END $$");
        }
    }
}
