using System.Globalization;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Proofs;
using CdcDms.Pipeline.Validation;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>
/// Proofs of whole tables, and what they cure. <c>CDCDMS_THOUSAND_COMPARED</c> says how many thousand rows the damaged table has; 2 by
/// default.
/// </summary>
public sealed class FullProofTests(TestServers servers) : ProofFixture(servers)
{
    private const string Columns = "id integer PRIMARY KEY, b bytea, t text, n numeric, f double precision, at timestamptz";

    private static readonly int Rows =
        1000 * int.Parse(Environment.GetEnvironmentVariable("CDCDMS_THOUSAND_COMPARED") ?? "2", CultureInfo.InvariantCulture);

    private static readonly TableDefinition Things = new() { Schema = "public", Name = "things", Target = "analytics.things" };

    [Fact]
    public async Task Every_kind_of_damage_is_named_with_its_key_and_cured_and_nothing_else_is()
    {
        var rows = $"SELECT i, decode(md5(i::text), 'hex'), CASE i % 3 WHEN 0 THEN '' ELSE 'text ' || i END, i + 0.5, "
            + $"CASE i % 2 WHEN 0 THEN 0 ELSE i / 3.0 END::double precision, '2026-01-02 03:04:05Z'::timestamptz + i * interval '1 second' "
            + $"FROM generate_series(1, {Rows}) i";
        await Source.ExecuteAsync($"CREATE TABLE things ({Columns}); INSERT INTO things {rows}");
        await Analytics.ExecuteAsync($"CREATE SCHEMA analytics; CREATE TABLE analytics.things ({Columns})");
        await Lake.CdcAsync(Things, "SELECT 'D' AS op, 1 AS v, 0 AS id");
        await MergeAsync(Things);
        await Analytics.ExecuteAsync(
            $"""
            INSERT INTO analytics.things (id, b, t, n, f, at, _cdc_version) SELECT *, 1e35 + 1 FROM ({rows}) r;
            UPDATE analytics.things SET b = set_byte(b, 0, get_byte(b, 0) # 1) WHERE id = 11;
            DELETE FROM analytics.things WHERE id = 12;
            INSERT INTO analytics.things (id, _cdc_version) VALUES (0, 1e35 + 1);
            UPDATE analytics.things SET t = NULL WHERE id = 15;
            UPDATE analytics.things SET f = '-0' WHERE id = 16;
            UPDATE analytics.things SET n = n * 1.0 WHERE id = 17;
            UPDATE analytics.things SET at = at + interval '1 microsecond' WHERE id = 18
            """);

        var full = await Proofs.AskAllAsync(Things, repair: null, CancellationToken.None);
        await MarkersAsync(2, 100, 200);
        await MergeAsync(Things);

        Assert.Equal((1, 1, 5, 7), (full.Compared.Missing, full.Compared.Extra, full.Compared.Changed, full.Keys));
        var found = await Proofs.ReadAsync(Things, full.Proofs, CancellationToken.None);
        Assert.Equal((ProofOutcome.Different, 1, 1, 5, 0), (found.Outcome, found.Missing, found.Extra, found.Changed, found.Repaired));
        Assert.Equal(
            "Extra 0, Changed 11 b, Missing 12, Changed 15 t, Changed 16 f, Changed 17 n, Changed 18 at", await DifferencesAsync());

        await Proofs.AskDifferencesAsync(Things, new ProofRepair(), CancellationToken.None);
        await MarkersAsync(4, 300, 400);
        await MergeAsync(Things);
        await AssertIdenticalAsync(Things);
    }

    [Fact]
    public async Task Rows_that_a_TRUNCATE_or_a_changed_key_left_behind_are_found_and_removed()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')");
        await MergeAsync(People);
        // DMS tells a changed key as an update of the new key alone, and a TRUNCATE not at all.
        await Source.ExecuteAsync("INSERT INTO people VALUES (20, 'bob')");
        await ChangesAsync(People, "('U', 3, 20, 'bob')");

        await CureAsync(People, 2);

        Assert.Equal("20=bob", await PeopleAsync());
    }

    [Fact]
    public async Task A_generation_over_a_gap_with_updates_deletes_and_inserts_is_cured()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')", "('I', 3, 3, 'cyd')");
        await MergeAsync(People);
        // In the gap: 1 changes, 2 goes, 3 goes and comes again, 4 comes. The new generation captures changes alone.
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ADA'), (3, 'CYD'), (4, 'dan'), (5, 'eve')");
        Lake.Generation = 2;
        await ChangesAsync(People, "('I', 1, 5, 'eve')");

        await CureAsync(People, 2);

        Assert.Equal("1=ADA 3=CYD 4=dan 5=eve", await PeopleAsync());
        await AssertIdenticalAsync(People);
    }

    [Fact]
    public async Task A_table_without_a_difference_needs_no_proof()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ada')");

        var full = await Proofs.AskAllAsync(People, new ProofRepair(), CancellationToken.None);

        Assert.True(full.Compared.Identical);
        Assert.Equal(ProofOutcome.Proven, (await Proofs.ReadAsync(People, full.Proofs, CancellationToken.None)).Outcome);
        await AssertAnswerAsync<long>(0, "SELECT count(*) FROM cdc.proofs");
    }

    [Fact]
    public async Task A_replica_is_not_taken_for_the_source_also_where_nothing_differs()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await Source.ExecuteAsync(
            "INSERT INTO people VALUES (1, 'ada'); CREATE SCHEMA replica; "
            + "CREATE FUNCTION replica.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true'");
        var replica = new NpgsqlConnectionStringBuilder(Source.ConnectionString) { Options = "-c search_path=replica,pg_catalog,public" };

        var job = new ProofJob(replica.ConnectionString, Analytics.ConnectionString, 60, 0);
        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => job.AskAllAsync(People, repair: null, CancellationToken.None));

        Assert.Equal(ErrorKind.Unavailable, fault.Kind);
        Assert.Contains("the source's server is a replica", fault.Message, StringComparison.Ordinal);
    }

    private async Task CureAsync(TableDefinition table, long marker)
    {
        await Proofs.AskAllAsync(table, new ProofRepair(), CancellationToken.None);
        await MarkersAsync(marker, 100, 200);
        await MergeAsync(table);
        await AssertAnswerAsync("Different", "SELECT outcome FROM cdc.proofs ORDER BY id DESC LIMIT 1");
    }

    private async Task AssertIdenticalAsync(TableDefinition table)
    {
        var compared = await new Validator(Source.ConnectionString, Analytics.ConnectionString)
            .CompareAsync(table, withValues: false, CancellationToken.None);
        Assert.True(compared.Result.Identical, string.Join(", ", compared.Differences.Select(row => $"{row.Kind} {row.Key["id"]}")));
    }
}
