using System.Globalization;
using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>Large keys, wide rows, many keys and many refusals.</summary>
public sealed class ProofSizeTests(TestServers servers) : ProofFixture(servers)
{
    private const int Rows = 200;
    private const int MostLocks = 120;

    [Fact]
    public async Task Every_second_row_refused_does_not_use_up_the_servers_locks()
    {
        await TargetAsync(
            "id integer PRIMARY KEY, name text CHECK (analytics.good(name))",
            $"""
            CREATE FUNCTION analytics.good(name text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
            IF (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()) > {MostLocks} THEN
                RAISE EXCEPTION 'more than {MostLocks} locks for {Rows} keys' USING ERRCODE = '53200'; END IF;
            RETURN name <> 'bad'; END $$
            """);
        var table = People with { Columns = null, Key = null };
        await ChangesAsync(table, "('I', 1, 0, 'zed')");
        await MergeAsync(table);
        await Source.ExecuteAsync(
            $"INSERT INTO people SELECT i, CASE i % 2 WHEN 0 THEN 'bad' ELSE 'ok' END FROM generate_series(1, {Rows}) i");
        var marker = await AskAsync(table, repairs: true, [.. Enumerable.Range(1, Rows)]);
        await MarkersAsync(marker, 100, 200);

        var watch = System.Diagnostics.Stopwatch.StartNew();
        var output = await Job.RunAsync(table, 1L << 30, CancellationToken.None);

        Assert.True(output.Proofs?.Failure is null, $"after {watch.Elapsed.TotalSeconds:0} s: {output.Proofs?.Failure}");
        Assert.Equal($"Different 0 0 {Rows / 2}", await OutcomeAsync(marker));
    }

    [Fact]
    public async Task A_missing_row_with_a_long_key_is_not_called_proven()
    {
        var table = Table("words", ("id", "text"), ("name", "text"));
        await Source.ExecuteAsync(
            "CREATE TABLE words (id text PRIMARY KEY, name text); INSERT INTO words VALUES (repeat('k', 1000), 'ada'), ('x', 'x')");
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, 'x' AS id, 'x' AS name");
        await MergeAsync(table);

        var full = await Proofs.AskAllAsync(table, new ProofRepair(), CancellationToken.None);

        Assert.Equal(1, full.Compared.Missing);
        Assert.NotEqual(ProofOutcome.Proven, (await Proofs.ReadAsync(table, full.Proofs, CancellationToken.None)).Outcome);
    }

    [Fact]
    public async Task All_differences_of_a_validation_are_repaired_and_not_those_of_its_last_proof_alone()
    {
        await ChangesAsync(People, "('I', 1, 1, 'x')");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people SELECT g, 'x' FROM generate_series(1, 10002) g");
        var full = await Proofs.AskAllAsync(People, repair: null, CancellationToken.None);
        Assert.Equal((2, 10001), (full.Proofs.Count, full.Keys));
        await MarkersAsync(2, 100, 200);
        await MergeAsync(People);
        await MarkersAsync(4, 300, 400);
        await MergeAsync(People);
        Assert.Equal(10001, (await Proofs.ReadAsync(People, full.Proofs, CancellationToken.None)).Missing);

        var repairs = await Proofs.AskDifferencesAsync(People, new ProofRepair(), CancellationToken.None);

        Assert.Equal(10001, (await Proofs.ReadAsync(People, repairs, CancellationToken.None)).Keys);
    }

    /// <summary><c>CDCDMS_WIDE_ROWS</c>: rows of 4 MiB. More than 255 are too many for one message to PostgreSQL.</summary>
    [Fact]
    public async Task Wide_rows_are_recorded_a_few_at_a_time()
    {
        var rows = int.Parse(Environment.GetEnvironmentVariable("CDCDMS_WIDE_ROWS") ?? "16", CultureInfo.InvariantCulture);
        await ChangesAsync(People, "('I', 1, 9999, 'zed')");
        await MergeAsync(People);
        await Source.ExecuteAsync($"INSERT INTO people SELECT i, repeat(md5(i::text), 131072) FROM generate_series(1, {rows}) i");

        await Proofs.AskAsync(
            People, [.. Enumerable.Range(1, rows).Select(id => new[] { $"{id}" })], new ProofRepair(), CancellationToken.None);

        await AssertAnswerAsync(
            $"{rows} {rows * 4L << 20}", "SELECT concat_ws(' ', count(*), sum(length(row ->> 'name'))) FROM cdc.proof_rows");
    }

    [Fact]
    public async Task One_large_key_does_not_keep_the_others_from_being_judged()
    {
        var table = Table("blobs", ("id", "bytea"), ("name", "text"));
        await Source.ExecuteAsync("CREATE TABLE blobs (id bytea PRIMARY KEY, name text); INSERT INTO blobs VALUES ('\\x01', 'ada')");
        await Source.ExecuteAsync(
            "INSERT INTO blobs SELECT string_agg(decode(md5(i::text), 'hex'), ''), 'bob' FROM generate_series(1, 90) i");
        var large = await Source.ScalarAsync<string>("SELECT id::text FROM blobs WHERE name = 'bob'");
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, '\\x02'::BLOB AS id, 'zed' AS name");
        await MergeAsync(table);

        Assert.Equal("Different 0 0 2", await RepairedAsync(table, ["\\x01"], [large!]));
    }

    [Theory]
    [InlineData(90, 0)]
    [InlineData(90, 20)]
    public async Task A_large_key_that_the_target_takes_fails_no_merge(int parts, int sampled)
    {
        var table = Table("blobs", ("id", "bytea"), ("name", "text"));
        var large = await Source.ScalarAsync<string>($"SELECT string_agg(md5(i::text), '') FROM generate_series(1, {parts}) i");
        await Lake.CdcAsync(table, $"SELECT 'I' AS op, 1 AS v, unhex('{large}') AS id, 'zed' AS name");

        var output = await Job.RunAsync(
            table, CdcDms.Pipeline.Merging.BatchLimits.Default with { SampledKeys = sampled }, CancellationToken.None);

        Assert.Equal((1, 0), (output.Rows.Inserted, output.Rows.Quarantined));
    }
}
