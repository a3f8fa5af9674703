using System.Data;
using CdcDms.Local.Services;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Proofs;
using CdcDms.Pipeline.Validation;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>Rows that are read from a streaming standby of the source.</summary>
public sealed class StandbyProofTests(TestServers servers) : MergeFixture(servers), IAsyncLifetime
{
    private const int Rows = 20_000;

    private const string EndedForReplay =
        "due to conflict with recovery .*; the standby ended the read for what it had to replay: try again, and if that happens again, "
        + "set hot_standby_feedback = on there, or max_standby_streaming_delay to longer than a read takes.$";

    private EmbeddedPostgres _primary = null!;
    private NpgsqlDataSource _source = null!;

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        _primary = await EmbeddedPostgres.StartAsync(TestContext.Current.CancellationToken);
        _source = NpgsqlDataSource.Create(_primary.ConnectionString());
        await AtSourceAsync(
            "CREATE TABLE people (id integer PRIMARY KEY, name text); CREATE TABLE noise AS SELECT 1 AS v; "
            + $"INSERT INTO people SELECT n, 'n' || n FROM generate_series(1, {Rows}) n; {string.Join("; ", MarkerSchema.Statements)}");
        await Lake.LoadAsync(People, 1, $"SELECT n::INTEGER AS id, 'n' || n AS name FROM generate_series(1, {Rows}) t(n)");
        await MergeAsync(People);
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _source.DisposeAsync();
        await _primary.DisposeAsync();
        await DisposeAsync();
    }

    [Fact]
    public async Task While_a_standby_replays_what_lags_behind_its_rows_are_those_of_the_primary()
    {
        await using var standby = await StreamingStandby.StartAsync(_primary, "recovery_min_apply_delay = '500ms'");
        using var end = new CancellationTokenSource();
        var writing = WriteAsync("UPDATE people SET name = name WHERE id % 100 = 0", end.Token);
        await AtSourceAsync(
            "DELETE FROM people WHERE id = 1; UPDATE people SET name = 'ada' WHERE id = 2; INSERT INTO people VALUES (-3, 'new')");

        var full = await By(standby, settleSeconds: 60).AskAllAsync(People, new ProofRepair(), CancellationToken.None);
        await end.CancelAsync();
        await writing;

        Assert.Equal((Rows, Rows, 1, 1, 1), (
            full.Compared.SourceRows, full.Compared.TargetRows, full.Compared.Missing, full.Compared.Extra, full.Compared.Changed));
        await AssertAnswerAsync(
            "-3=new 1= 2=ada",
            "SELECT string_agg(concat(key ->> 'id', '=', row ->> 'name'), ' ' ORDER BY (key ->> 'id')::int) FROM cdc.proof_rows");
    }

    [Fact]
    public async Task A_standby_that_stands_still_is_refused_and_proves_again_once_it_goes_on()
    {
        await using var standby = await StreamingStandby.StartAsync(_primary);
        await using var replica = NpgsqlDataSource.Create(standby.ConnectionString());
        await ExecuteAsync(replica, "SELECT pg_wal_replay_pause()");
        await UntilAsync(replica, "SELECT pg_get_wal_replay_pause_state() = 'paused'");
        await AtSourceAsync("UPDATE people SET name = 'ada' WHERE id = 2");

        foreach (var ask in new Func<Task>[]
        {
            () => By(standby, settleSeconds: 1).AskAllAsync(People, null, CancellationToken.None),
            () => By(standby, settleSeconds: 1).AskAsync(People, [["2"]], null, CancellationToken.None),
        })
        {
            var fault = await Assert.ThrowsAsync<CdcDmsException>(ask);
            Assert.Equal(
                (ErrorKind.Unavailable, "public.people was not read: the server does not know after 1 seconds that the marker is settled; "
                    + "it is a replica that lags behind, or another database."),
                (fault.Kind, fault.Message));
        }

        await ExecuteAsync(replica, "SELECT pg_wal_replay_resume()");
        Assert.Equal(1, (await By(standby, settleSeconds: 60).AskAllAsync(People, null, CancellationToken.None)).Keys);
    }

    [Fact]
    public async Task A_read_that_a_standby_ends_for_what_it_replays_is_told_with_what_helps_and_proves_again()
    {
        await using var standby = await StreamingStandby.StartAsync(_primary, "max_standby_streaming_delay = 0");
        // The sessions that this opens are used again.
        await By(standby, settleSeconds: 60).AskAllAsync(People, null, CancellationToken.None);
        using var end = new CancellationTokenSource();
        // Each vacuum removes a row version that a statement which runs at the standby might still see.
        var writing = WriteAsync("UPDATE noise SET v = v + 1", end.Token, "VACUUM noise");

        CdcDmsException? fault = null;
        for (var attempt = 0; attempt < 100 && fault?.Kind is not ErrorKind.Conflict; attempt++)
            fault = (CdcDmsException?)await Record.ExceptionAsync(
                () => By(standby, settleSeconds: 60).AskAllAsync(People, null, CancellationToken.None)) ?? fault;
        await end.CancelAsync();
        await writing;
        await ReplayedAsync(standby);

        Assert.Matches(
            $"^public.people was not (read|compared).*: (canceling statement|terminating connection) {EndedForReplay}", fault?.Message);
        Assert.True((await By(standby, settleSeconds: 60).AskAllAsync(People, null, CancellationToken.None)).Compared.Identical);
        // The comparison of two databases as they are takes a standby for one of them.
        var validator = new Validator(standby.ConnectionString(), Analytics.ConnectionString);
        Assert.True((await validator.CompareAsync(People, withValues: false, CancellationToken.None)).Result.Identical);
    }

    /// <summary>Waits until a standby has replayed all that is written, so that it ends no statement any more.</summary>
    private async Task ReplayedAsync(EmbeddedPostgres standby)
    {
        await using var replica = NpgsqlDataSource.Create(standby.ConnectionString());
        await using var written = _source.CreateCommand("SELECT pg_current_wal_lsn()::text");
        var end = (string)(await written.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        for (var isReplayed = false; !isReplayed;)
            try
            {
                await using var replayed = replica.CreateCommand($"SELECT pg_last_wal_replay_lsn() >= '{end}'");
                isReplayed = (bool)(await replayed.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
            }
            catch (PostgresException fault) when (
                fault.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.AdminShutdown)
            {
                // Such an end, too.
            }
    }

    [Fact]
    public async Task A_read_that_a_standby_ends_between_two_statements_is_told_with_what_helps()
    {
        await using var standby = await StreamingStandby.StartAsync(_primary, "max_standby_streaming_delay = 0");
        await using var replica = NpgsqlDataSource.Create(standby.ConnectionString());
        await using var reader = await replica.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var read = await reader.BeginTransactionAsync(
            IsolationLevel.RepeatableRead, TestContext.Current.CancellationToken);
        await using var statement = new NpgsqlCommand("SELECT v FROM noise", reader, read);
        await statement.ExecuteScalarAsync(TestContext.Current.CancellationToken);

        await AtSourceAsync("UPDATE noise SET v = v + 1");
        await AtSourceAsync("VACUUM noise");
        await UntilAsync(replica, "SELECT count(*) = 0 FROM pg_stat_activity WHERE state = 'idle in transaction'");

        var fault = await Assert.ThrowsAsync<PostgresException>(
            () => statement.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        Assert.Matches(
            $"^public.people was not read: terminating connection {EndedForReplay}",
            PostgresFault.Tell(fault, "public.people was not read").Message);
    }

    private ProofJob By(EmbeddedPostgres standby, int settleSeconds) =>
        new(_primary.ConnectionString(), Analytics.ConnectionString, intervalSeconds: 60, settleSeconds, standby.ConnectionString());

    private Task AtSourceAsync(string sql) => ExecuteAsync(_source, sql);

    private async Task WriteAsync(string sql, CancellationToken end, params string[] more)
    {
        while (!end.IsCancellationRequested)
            foreach (var statement in (string[])[sql, .. more])
                await AtSourceAsync(statement);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource server, string sql)
    {
        await using var command = server.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static async Task UntilAsync(NpgsqlDataSource server, string sql)
    {
        await using var command = server.CreateCommand(sql);
        while (await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) is not true)
            continue;
    }
}
