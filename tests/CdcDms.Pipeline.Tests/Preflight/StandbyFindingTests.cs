using CdcDms.Local.Services;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Preflight;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Preflight;

/// <summary>Preflight of a server with a streaming standby, and of the standby.</summary>
public sealed class StandbyFindingTests : IAsyncLifetime
{
    private static readonly PreflightSettings Settings = new() { Slot = "given" };

    private EmbeddedPostgres _primary = null!;
    private EmbeddedPostgres _standby = null!;

    public async ValueTask InitializeAsync()
    {
        _primary = await EmbeddedPostgres.StartAsync(TestContext.Current.CancellationToken);
        await ExecuteAsync(
            _primary,
            "CREATE TABLE people (id integer PRIMARY KEY); CREATE TABLE keyless (id integer); "
            + string.Join("; ", MarkerSchema.Statements));
        _standby = await StreamingStandby.StartAsync(_primary);
    }

    public async ValueTask DisposeAsync()
    {
        await _standby.DisposeAsync();
        await _primary.DisposeAsync();
    }

    [Fact]
    public async Task A_standby_as_the_source_is_told_and_hides_no_other_finding()
    {
        var found = await FindAsync(_standby, reader: null, new PreflightSettings());

        Assert.Equal(
            [
                ("read-replica", "The source follows another server, and DMS takes no changes from a read replica; nor does the local "
                    + "capture, which writes a slot, a publication and markers."),
                ("primary-key", "Table public.keyless has no primary key, so DMS ignores its updates and deletes."),
            ],
            found.Where(finding => finding.Severity is not FindingSeverity.Warns).Select(finding => (finding.Check, finding.Reason)));
    }

    [Fact]
    public async Task What_a_failover_would_lose_is_told_with_what_cures_it()
    {
        await ExecuteAsync(_primary, "SELECT pg_create_logical_replication_slot('given', 'test_decoding')");
        await ExecuteAsync(_primary, "SELECT pg_create_logical_replication_slot('another', 'pgoutput')");
        await UntilAsync(found => found.Contains("standby-feedback"));

        var before = await FindAsync(_primary, _standby, Settings);
        Assert.Equal(
            [
                "The replication slot given, which the task is to read, is no failover slot: a standby does not have it, and after a "
                    + "failover every row has to be loaded again.",
                "There are logical slots that are no failover slots (another): a standby does not have them, and what reads them cannot "
                    + "go on after a failover.",
                "synchronized_standby_slots does not name standby: a task may get changes before the standby has them, and after a "
                    + "failover analytics has what the source has lost, and every row has to be loaded again.",
                "The standby that reads the slot standby does not say which rows it reads (hot_standby_feedback = off): it gets no "
                    + "logical slots, and ends reads for what it replays.",
                "The standby by which rows are read for proofs has hot_standby_feedback = off: after 30s it ends a read that is in the way "
                    + "of what it replays, and nothing of the table is proven.",
            ],
            before.Where(IsOfStandbys).Select(finding => finding.Reason));

        foreach (var statement in before.Where(IsOfStandbys).SelectMany(finding => finding.Sql))
            await ExecuteAsync(_primary, statement);
        await ExecuteAsync(_primary, "SELECT pg_drop_replication_slot('another')");
        foreach (var statement in (string[])["ALTER SYSTEM SET hot_standby_feedback = on", "SELECT pg_reload_conf()"])
            await ExecuteAsync(_standby, statement);

        await UntilAsync(found => found.Count == 0);
    }

    private async Task UntilAsync(Func<IReadOnlyList<string>, bool> condition)
    {
        while (!condition([.. (await FindAsync(_primary, _standby, Settings)).Where(IsOfStandbys).Select(finding => finding.Check)]))
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
    }

    private static bool IsOfStandbys(Finding finding) =>
        finding.Check is "failover-slots" or "standby-slots" or "standby-feedback" or "reader-conflicts";

    private static async Task<IReadOnlyList<Finding>> FindAsync(
        EmbeddedPostgres source, EmbeddedPostgres? reader, PreflightSettings settings)
    {
        TableDefinition[] tables =
        [
            new() { Schema = "public", Name = "people", Target = "analytics.people" },
            new() { Schema = "public", Name = "keyless", Target = "analytics.keyless" },
        ];
        var report = await new PreflightJob(source.ConnectionString(), null, settings, reader?.ConnectionString())
            .RunAsync(new TableList(tables, []), TestContext.Current.CancellationToken);
        return report.Findings;
    }

    private static async Task ExecuteAsync(EmbeddedPostgres server, string sql)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString());
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
