using System.Collections.Concurrent;
using CdcDms.Local.Capture;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Markers;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Capture;

/// <summary>Markers on their way from the source through a capture.</summary>
public sealed class MarkerTests(TestServers servers)
{
    [Fact]
    public async Task Markers_of_a_running_capture_come_into_the_ledger_and_those_of_the_snapshot_do_not()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        await using var analytics = await servers.CreateDatabaseAsync();
        await MarkAsync(test);
        await test.RunAsync();
        await MarkAsync(test);
        await MarkAsync(test);
        await test.RunAsync();

        var output = await new MarkerJob(new LakeReader(servers.S3, test.Options.Lake), analytics.ConnectionString)
            .MergeAsync(CancellationToken.None);

        Assert.True(output.InOrder);
        Assert.Equal("2 3", await analytics.ScalarAsync<string>("SELECT string_agg(number::text, ' ' ORDER BY number) FROM cdc.markers"));
        Assert.True(await analytics.ScalarAsync<bool>("SELECT bool_and(prompt AND interval_seconds = 60) FROM cdc.markers"));
    }

    [Fact]
    public async Task A_role_that_may_not_make_the_tables_of_markers_captures_the_others_and_is_told()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        var told = new ConcurrentQueue<string>();
        // Somebody who makes a schema of this name leaves no room for the tables.
        await test.Source.ExecuteAsync("CREATE ROLE markers_elsewhere; CREATE SCHEMA cdcdms AUTHORIZATION markers_elsewhere");
        var role = $"r{Guid.NewGuid():N}";
        await test.Source.ExecuteAsync(
            $"CREATE ROLE {role} LOGIN REPLICATION PASSWORD 'p'; ALTER TABLE t OWNER TO {role}; DO $$ BEGIN "
            + $"EXECUTE 'GRANT CREATE ON DATABASE ' || current_database() || ' TO {role}'; END $$");
        var asRole = new NpgsqlConnectionStringBuilder(test.Options.SourceConnection) { Username = role, Password = "p" };
        test.Options = test.Options with
        {
            SourceConnection = asRole.ConnectionString,
            Progress = Hears.Warnings(told),
        };

        var totals = await test.RunAsync("INSERT INTO t VALUES (1)");

        Assert.Equal((1, 0), (totals.SnapshotRows, totals.TablesRefused));
        Assert.Contains(told, warning => warning.StartsWith("Markers are not captured. ", StringComparison.Ordinal));
        // The next run knows from the checkpoint that the capture has none.
        told.Clear();
        Assert.Equal(0, (await test.RunAsync()).TablesRefused);
        Assert.StartsWith("Markers are not captured. The generation 1 of", Assert.Single(told), StringComparison.Ordinal);
        await test.Source.ExecuteAsync("DROP SCHEMA cdcdms; DROP ROLE markers_elsewhere");
    }

    [Fact]
    public async Task Tables_of_markers_that_somebody_else_has_made_are_told_with_the_statement_that_cures_it()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        var told = new ConcurrentQueue<string>();
        var role = $"r{Guid.NewGuid():N}";
        await test.Source.ExecuteAsync(
            $"{string.Join("; ", MarkerSchema.Statements)}; CREATE ROLE {role} LOGIN REPLICATION PASSWORD 'p'; "
            + $"GRANT USAGE ON SCHEMA cdcdms TO {role}; ALTER TABLE t OWNER TO {role}; "
            + $"DO $$ BEGIN EXECUTE 'GRANT CREATE ON DATABASE ' || current_database() || ' TO {role}'; END $$");
        var asRole = new NpgsqlConnectionStringBuilder(test.Options.SourceConnection) { Username = role, Password = "p" };
        test.Options = test.Options with { SourceConnection = asRole.ConnectionString, Progress = Hears.Warnings(told) };
        await test.RunAsync();
        var cure = $"ALTER TABLE cdcdms.marker OWNER TO {role}";
        Assert.Contains(
            $"Markers are not captured. Only its owner may publish table cdcdms.marker; run {cure} at the source.", Assert.Single(told),
            StringComparison.Ordinal);

        await test.Source.ExecuteAsync(cure);
        test.Options = test.Options with { Lake = await servers.CreateLakeAsync() };
        told.Clear();
        await test.RunAsync();

        Assert.Empty(told);
        Assert.Equal(
            2L, await test.Source.ScalarAsync<long>("SELECT count(DISTINCT pubname) FROM pg_publication_tables WHERE tablename = 't'"));
        Assert.Equal(1L, await test.Source.ScalarAsync<long>("SELECT count(*) FROM pg_publication_tables WHERE tablename = 'marker'"));
    }

    [Fact]
    public async Task A_table_of_markers_that_was_dropped_is_told_at_each_start_and_fails_none()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        await test.RunAsync();
        var told = new ConcurrentQueue<string>();
        test.Options = test.Options with { Progress = Hears.Warnings(told) };
        await test.Source.ExecuteAsync("DROP TABLE cdcdms.marker");

        foreach (var id in (int[])[1, 2])
        {
            told.Clear();
            Assert.Equal(new CaptureTotals(0, 1, 1), await test.RunAsync($"INSERT INTO t VALUES ({id})"));
            Assert.StartsWith("cdcdms.marker is captured no more since ", Assert.Single(told), StringComparison.Ordinal);
        }
    }

    private static async Task MarkAsync(CaptureTest test)
    {
        await using var source = await test.Source.OpenAsync();
        await MarkerSchema.EnsureAsync(source, CancellationToken.None);
        await new MarkerWriter(source, test.Options.IntervalSeconds).WriteAsync(CancellationToken.None);
    }
}
