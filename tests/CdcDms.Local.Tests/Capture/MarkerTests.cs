using System.Collections.Concurrent;
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
        Assert.Equal(0, (await test.RunAsync()).TablesRefused);
        await test.Source.ExecuteAsync("DROP SCHEMA cdcdms; DROP ROLE markers_elsewhere");
    }

    private static async Task MarkAsync(CaptureTest test)
    {
        await using var source = await test.Source.OpenAsync();
        await MarkerSchema.EnsureAsync(source, CancellationToken.None);
        await new MarkerWriter(source, test.Options.IntervalSeconds).WriteAsync(CancellationToken.None);
    }
}
