using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using CdcDms.Contract;
using CdcDms.Local.Capture;
using CdcDms.Local.Tests.Commands;
using CdcDms.Pipeline.Postgres;
using CdcDms.Testing;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Capture;

/// <summary>A capture that cannot start says why, and leaves neither slot nor publication at the source.</summary>
public sealed class NewCaptureTests(TestServers servers)
{
    [Fact]
    public async Task A_role_that_may_not_replicate_is_told_so()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        var role = $"r{Guid.NewGuid():N}";
        await test.Source.ExecuteAsync(
            $"CREATE ROLE {role} LOGIN PASSWORD 'p'; ALTER TABLE t OWNER TO {role}; GRANT CREATE ON SCHEMA public TO {role}; DO $$ BEGIN "
            + $"EXECUTE 'GRANT CREATE ON DATABASE ' || current_database() || ' TO {role}'; END $$");
        var asRole = new NpgsqlConnectionStringBuilder(test.Options.SourceConnection) { Username = role, Password = "p" };
        test.Options = test.Options with { SourceConnection = asRole.ConnectionString };

        Assert.Contains(
            "permission denied to start WAL sender",
            (await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync)).Message,
            StringComparison.Ordinal);
        await test.LeavesNothingAsync();
    }

    [Fact]
    public async Task A_snapshot_that_fails_leaves_nothing_at_the_source()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, "CREATE TABLE t (id int PRIMARY KEY, n numeric(4, 2)); INSERT INTO t VALUES (1, 'NaN')", "public.t");

        await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync);
        await test.LeavesNothingAsync();

        Assert.Equal(1, (await test.RunAsync("UPDATE t SET n = 1")).SnapshotRows);
    }

    [Theory]
    [InlineData(
        "INSERT INTO t VALUES (1)",
        "COMMIT",
        @"the end of transaction \d+, held by process PID \(role postgres, database test_.*; end it")]
    [InlineData(
        "INSERT INTO t VALUES (1)",
        "PREPARE TRANSACTION 'left behind'",
        @"the end of transaction \d+, held by the prepared transaction 'left behind' of database test_.*; COMMIT PREPARED")]
    [InlineData("LOCK t", "COMMIT", "table t, held by process PID ")]
    public async Task A_new_capture_says_what_it_waits_for_and_leaves_nothing_when_it_is_cancelled(string begin, string end, string says)
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        await using var writer = await test.Source.OpenAsync();
        await writer.ExecuteAsync($"BEGIN; {begin}", default);
        if (end != "COMMIT")
            await writer.ExecuteAsync(end, default);
        using var cancel = new CancellationTokenSource();
        var clock = new FakeTimeProvider();
        var told = new ConcurrentQueue<string>();
        var expected = new Regex($"^The capture waits for {says.Replace("PID", $"{writer.ProcessID}", StringComparison.Ordinal)}");

        try
        {
            // Transactions of other tests are waited for, too.
            var waiting = CaptureJob.RunAsync(test.Options with { Clock = clock, Progress = Hears.AllWarnings(told) }, cancel.Token);
            await CommandLine.WaitUntilAsync(() =>
            {
                clock.Advance(TimeSpan.FromSeconds(3));
                return Task.FromResult(waiting.IsCompleted || told.Any(expected.IsMatch));
            });
            Assert.False(waiting.IsCompleted);
            await cancel.CancelAsync();
            await waiting;
        }
        finally
        {
            await writer.ExecuteAsync(end == "COMMIT" ? end : "COMMIT PREPARED 'left behind'", default);
        }

        Assert.Equal(told.Distinct(), told);
        await test.LeavesNothingAsync();
        await test.RunAsync();
    }
}
