using System.Collections.Concurrent;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Local.Capture;
using CdcDms.Local.Tests.Capture;
using CdcDms.Local.Tests.Commands;
using CdcDms.Pipeline.Postgres;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Recovery;

/// <summary>Tables join and leave a running generation; the others go on.</summary>
public sealed class AddedTableTests(TestServers servers) : IAsyncLifetime
{
    private const string Added = "CREATE TABLE added (id int PRIMARY KEY, v text); INSERT INTO added SELECT i, repeat('v', 600) FROM "
        + "generate_series(1, 2000) i";

    private TestDatabase _source = null!;
    private Drill _drill = null!;

    public async ValueTask InitializeAsync()
    {
        _source = await servers.CreateDatabaseAsync();
        _drill = await Drill.StartAsync(
            servers, _source.ConnectionString, "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 100)");
        await _drill.ArrivesIdenticalAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _drill.DisposeAsync();
        await _source.DisposeAsync();
    }

    [Fact]
    public async Task A_table_of_many_files_that_was_killed_in_its_load_joins_at_the_next_start()
    {
        await _drill.ChangeAsync(Added.Replace("2000", "20000", StringComparison.Ordinal));
        await _drill.DescribeAsync();
        var alive = _drill.Options with { LoadFileMegabytes = 1 };
        using (var dying = new FailingS3(servers, key => key.Contains("manifest", StringComparison.Ordinal), afterUpload: false))
        {
            _drill.Options = alive with { S3 = dying };
            await Assert.ThrowsAsync<DeathException>(_drill.CaptureAsync);
        }

        _drill.Options = alive;
        await _drill.ArrivesIdenticalAsync();
    }

    [Fact]
    public async Task A_table_that_is_added_while_transactions_write_it_loses_none_of_their_rows_and_the_others_are_not_read_again()
    {
        await _drill.ChangeAsync(Added);
        await _drill.DescribeAsync();
        await using var open = await _source.OpenAsync();
        await open.ExecuteAsync("BEGIN; INSERT INTO added VALUES (9001, 'early'); DELETE FROM added WHERE id = 1", default);
        await using var prepared = await _source.OpenAsync();
        await prepared.ExecuteAsync("BEGIN; INSERT INTO added VALUES (9101, 'early')", default);
        var told = new ConcurrentQueue<string>();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = CaptureJob.RunAsync(
            _drill.Options with { UntilIdle = null, IntervalSeconds = 0, Progress = Hears.Warnings(told) }, end.Token);
        await CommandLine.WaitUntilAsync(() => Task.FromResult(!told.IsEmpty || running.IsCompleted));
        Assert.Matches("The rows of public.added are not loaded yet: the session .* wrote the table", told.First());

        // The others go on meanwhile, and so do new transactions that write the table.
        await _drill.ChangeAsync("INSERT INTO t VALUES (101); UPDATE added SET v = 'w' WHERE id BETWEEN 2 AND 20");
        await CommandLine.WaitUntilAsync(async () =>
        {
            await _drill.MergeAsync();
            return await _drill.Analytics.ScalarAsync<bool>("SELECT count(*) = 101 FROM analytics.t");
        });
        var writing = WriteAsync(end.Token);
        await open.ExecuteAsync("INSERT INTO added VALUES (9002, 'late'); COMMIT", default);
        await prepared.ExecuteAsync($"INSERT INTO added VALUES (9102, 'late'); PREPARE TRANSACTION '{_source.GetHashCode()}'", default);
        await prepared.ExecuteAsync($"COMMIT PREPARED '{_source.GetHashCode()}'", default);
        await CommandLine.WaitUntilAsync(async () =>
        {
            await _drill.MergeAsync();
            return await _drill.Analytics.ScalarAsync<bool>("SELECT count(*) > 1000 FROM analytics.added");
        });
        await end.CancelAsync();
        await Task.WhenAll(running, writing);

        Assert.True((await running).SnapshotRows is > 1900 and < 2500);
        await _drill.ArrivesIdenticalAsync();
    }

    [Theory]
    [InlineData("checkpoint", false, 1, 2)]
    [InlineData("checkpoint", false, 2, 4)]
    [InlineData("LOAD", true, 1, 3)]
    [InlineData("manifest", false, 1, 4)]
    public async Task A_capture_that_is_killed_while_a_table_is_added_ends_the_same(string at, bool afterUpload, int uploads, int loads)
    {
        await _drill.ChangeAsync(Added);
        await _drill.DescribeAsync();
        var alive = _drill.Options with { LoadFileMegabytes = 1 };
        _drill.Options = alive;
        using (var dying = new FailingS3(servers, key => key.Contains(at, StringComparison.Ordinal), afterUpload, uploads - 1))
        {
            _drill.Options = alive with { S3 = dying };
            await Assert.ThrowsAsync<DeathException>(_drill.CaptureAsync);
        }

        // What the killed load has left is merged, and rows of it change and go before the next start.
        _drill.Options = alive;
        await _drill.ChangeAsync("DELETE FROM added WHERE id <= 2; UPDATE added SET v = 'w' WHERE id = 3; INSERT INTO t VALUES (101)");
        await _drill.MergeAsync();
        await _drill.ArrivesIdenticalAsync();

        // No file was written over another, which would be another load to a merge.
        var folder = alive.Lake.Key("g001/public/added/LOAD");
        var found = await alive.S3.ListObjectsV2Async(new() { BucketName = alive.Lake.Bucket, Prefix = folder });
        Assert.Equal(loads, found.S3Objects.Count);
    }

    [Fact]
    public async Task A_table_is_removed_by_name_or_because_it_is_gone_and_the_others_go_on()
    {
        await _drill.ChangeAsync("CREATE TABLE u (id int PRIMARY KEY); CREATE TABLE w (id int PRIMARY KEY)");
        await _drill.DescribeAsync();
        await _drill.ArrivesIdenticalAsync();
        var all = _drill.Options.Tables;
        _drill.Options = _drill.Options with { Tables = [.. all.Where(table => table.Name == "t")] };
        await _drill.ChangeAsync("DROP TABLE w; INSERT INTO t VALUES (101); INSERT INTO u VALUES (1)");

        var fault = await Assert.ThrowsAsync<CdcDmsException>(_drill.CaptureAsync);
        Assert.Contains("public.u has no definition now", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith("end the capture of such a table with --give-up public.u.", fault.Message, StringComparison.Ordinal);
        _drill.Options = _drill.Options with { GiveUp = [TableName.Parse("public.no")] };
        fault = await Assert.ThrowsAsync<CdcDmsException>(_drill.CaptureAsync);
        Assert.StartsWith("--give-up names public.no, which", fault.Message, StringComparison.Ordinal);

        _drill.Options = _drill.Options with { GiveUp = [TableName.Parse("public.u")] };
        Assert.Equal(new CaptureTotals(0, 1, 1), await _drill.CaptureAsync());
        Assert.Equal("cdcdms.marker public.t", await _source.ScalarAsync<string>(
            "SELECT string_agg(schemaname || '.' || tablename, ' ' ORDER BY schemaname) FROM pg_publication_tables"));
        _drill.Options = _drill.Options with { GiveUp = [] };
        await _drill.ArrivesIdenticalAsync();
    }

    [Fact]
    public async Task A_renamed_table_that_was_given_up_joins_under_its_new_name()
    {
        await _drill.ChangeAsync("CREATE TABLE u (id int PRIMARY KEY)");
        await _drill.DescribeAsync();
        await _drill.ArrivesIdenticalAsync();
        await _drill.ChangeAsync("ALTER TABLE u RENAME TO v; INSERT INTO t VALUES (101); INSERT INTO v VALUES (1)");
        await _drill.CaptureAsync();
        await _drill.DescribeAsync();

        await _drill.CaptureAsync();
        await _drill.ChangeAsync("INSERT INTO v VALUES (2)");

        await _drill.ArrivesIdenticalAsync();
    }

    [Fact]
    public async Task Who_does_not_own_the_publication_is_told_so_when_a_table_is_added()
    {
        var role = $"r{Guid.NewGuid():N}";
        await _drill.ChangeAsync(
            $"CREATE ROLE {role} LOGIN REPLICATION SUPERUSER PASSWORD 'p'; CREATE TABLE added (id int PRIMARY KEY); "
            + $"ALTER TABLE t OWNER TO {role}; ALTER TABLE added OWNER TO {role}; ALTER ROLE {role} NOSUPERUSER");
        await _drill.DescribeAsync();
        var told = new ConcurrentQueue<string>();
        _drill.Options = _drill.Options with
        {
            SourceConnection =
                new NpgsqlConnectionStringBuilder(_source.ConnectionString) { Username = role, Password = "p" }.ConnectionString,
            Progress = Hears.Warnings(told),
        };

        await _drill.CaptureAsync();

        Assert.Contains(told, text => text.Contains("Only the owner of publication", StringComparison.Ordinal));
    }

    private async Task WriteAsync(CancellationToken end)
    {
        var random = new Random(7);
        while (!end.IsCancellationRequested)
            await _drill.ChangeAsync(
                $"UPDATE added SET v = v || 'x' WHERE id = {random.Next(1, 2000)}; DELETE FROM added WHERE id = {random.Next(1, 2000)}; "
                + $"INSERT INTO added VALUES ({random.Next(3000, 8000)}, 'n') ON CONFLICT DO NOTHING");
    }
}
