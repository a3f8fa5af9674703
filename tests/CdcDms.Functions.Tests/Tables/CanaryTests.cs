using System.Text;
using System.Text.Json;

namespace CdcDms.Functions.Tests.Tables;

/// <summary>
/// One value that nobody else has is in rows with which everything goes wrong that can. It is kept in the ledger, and in nothing that the
/// functions answer, print or count.
/// </summary>
public sealed class CanaryTests(TestServers servers) : IAsyncLifetime
{
    private const string Canary = "kanarienvogel4711";
    private const string Functions =
        $"""
        CREATE FUNCTION raises(v text) RETURNS boolean LANGUAGE plpgsql AS
            $$BEGIN RAISE EXCEPTION 'I dislike %', v USING DETAIL = v, HINT = v; END$$;
        CREATE FUNCTION denies(v text) RETURNS boolean LANGUAGE plpgsql AS
            $$BEGIN RAISE EXCEPTION 'No right to %', v USING ERRCODE = '42501'; END$$;
        CREATE FUNCTION asks(v text) RETURNS boolean LANGUAGE plpgsql AS
            $$BEGIN EXECUTE 'SELECT ' || v; RETURN true; END$$;
        CREATE FUNCTION makes(v text) RETURNS boolean LANGUAGE plpgsql AS
            $$BEGIN EXECUTE 'DROP TABLE ' || v; RETURN true; END$$;
        CREATE TABLE names (name text PRIMARY KEY);
        INSERT INTO names VALUES ('{Canary}1');
        CREATE FUNCTION notes(v text) RETURNS boolean LANGUAGE plpgsql AS
            $$BEGIN INSERT INTO names VALUES (v); RETURN true; END$$;
        CREATE DOMAIN small AS text CHECK (length(VALUE) < 3);
        CREATE TYPE color AS ENUM ('red');
        """;

    private TestLake _lake = null!;
    private TestDatabase _source = null!;
    private TestDatabase _analytics = null!;

    public async ValueTask InitializeAsync()
    {
        _lake = await TestLake.CreateAsync(servers);
        _source = await servers.CreateDatabaseAsync();
        _analytics = await servers.CreateDatabaseAsync();
        await _analytics.ExecuteAsync(Functions);
    }

    public async ValueTask DisposeAsync()
    {
        _lake.Dispose();
        await _source.DisposeAsync();
        await _analytics.DisposeAsync();
    }

    /// <summary>The target's column, what it has to be filled with, the code of the refusal, and what is told beside it.</summary>
    public static TheoryData<string, string, string, string> Refusals => new()
    {
        { "integer", "text", "22P02", "type integer" },
        { "date", "text", "22007", "type date" },
        { "jsonb", "text", "22P02", "type json" },
        { "color", "text", "22P02", "invalid text representation" },
        { "character varying(4)", "text", "22001", "type character varying(4)" },
        { "regclass", "text", "42P01", "undefined table" },
        { "small", "text", "23514", "constraint \"small_check\"" },
        { $"text CONSTRAINT decent CHECK (name <> '{Canary}1')", "text", "23514", "relation \"t\" violates check constraint \"decent\"" },
        { "text CHECK (raises(name))", "text", "P0001", "function raises(text)" },
        { "text CHECK (denies(name))", "text", "42501", "function denies(text)" },
        { "text CHECK (asks(name))", "text", "42703", "undefined column" },
        { "text CHECK (makes(name))", "text", "42P01", "undefined table" },
        { "text CHECK (notes(name))", "text", "23505", "violates unique constraint \"names_pkey\"" },
        { "text, other text NOT NULL", "text", "23502", "column \"other\" of relation \"t\"" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_a_target_refuses_is_told_by_its_code_and_names(string column, string type, string code, string names)
    {
        await _analytics.ExecuteAsync($"CREATE TABLE t (id text PRIMARY KEY, name {column})");
        var table = Table with { Columns = null, BadRows = BadRowPolicy.Fail };
        await _lake.LoadAsync(table, 1, Rows(1, type));

        var told = await RunAsync("merge", Merge(table));

        Assert.StartsWith("public.t was not merged into public.t: ", told, StringComparison.Ordinal);
        Assert.Contains($"PostgreSQL's error {code}", told, StringComparison.Ordinal);
        Assert.Contains(names, told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_row_is_kept_in_the_quarantine_with_its_values()
    {
        await _lake.LoadAsync(Table, 1, Rows(3));

        await RunAsync("merge", Merge(Table), fails: false);

        Assert.Equal(
            3, await _analytics.ScalarAsync<long>(
                $"SELECT count(*) FROM cdc.quarantine WHERE error LIKE 'invalid input syntax for type integer: \"{Canary}%'"));
    }

    [Fact]
    public async Task A_table_that_refuses_all_rows_is_parked_and_every_later_merge_and_plan_says_so()
    {
        await _lake.LoadAsync(Table, 1, Rows(1100));

        foreach (var (function, input) in new[] { ("merge", Merge(Table)), ("merge", Merge(Table)), ("plan", Plan(Table)) })
        {
            var told = await RunAsync(function, input);
            Assert.Contains("of the first, PostgreSQL's error 22P02 (invalid text representation: type integer)", told);
            Assert.Contains("Correct the definition or the target.", told, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_with_a_broken_value_is_told_by_its_key_and_the_ledger_keeps_what_is_broken()
    {
        for (var number = 1; number <= 11; number++)
        {
            var key = await _lake.LoadAsync(Table, number, Rows(1), "COMPRESSION uncompressed");
            await _lake.PutBytesAsync(key, Broken(await _lake.BytesAsync(key)));
        }

        var told = await RunAsync("merge", Merge(Table));

        Assert.Matches("more than 10 files are rejected; of the last, .*LOAD.*parquet, it cannot be read \\(DuckDB's error Invalid", told);
        Assert.True(await _analytics.ScalarAsync<bool>($"SELECT bool_and(reason LIKE '%{Canary}%') FROM cdc.rejected_files"));
    }

    [Fact]
    public async Task A_target_whose_column_cannot_be_widened_for_a_row_is_told_without_the_row()
    {
        await _analytics.ExecuteAsync(
            """
            CREATE FUNCTION fine(v text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT v';
            CREATE TABLE t (id text PRIMARY KEY, name text, number integer);
            CREATE INDEX ON t (fine(name || number::text))
            """);
        var table = Table with { Columns = null };
        await _lake.LoadAsync(table, 1, $"SELECT '{Canary}' AS id, '{Canary}' AS name, 1::INTEGER AS number");
        await RunAsync("merge", Merge(table), fails: false);
        await _analytics.ExecuteAsync(
            "CREATE OR REPLACE FUNCTION fine(v text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS "
            + "$$BEGIN RAISE EXCEPTION 'I dislike %', v; END$$");
        await _lake.CdcAsync(table, $"SELECT 'U' AS op, 1 AS v, '{Canary}' AS id, '{Canary}' AS name, 3000000000::BIGINT AS number");

        Assert.Matches("P0001 \\(raise exception: function (public\\.)?fine\\(text\\)\\)", await RunAsync("merge", Merge(table)));
    }

    [Fact]
    public async Task A_key_that_the_source_cannot_read_is_not_told_and_neither_are_rows_that_differ()
    {
        await _source.ExecuteAsync($"CREATE TABLE t (id integer PRIMARY KEY, name text); INSERT INTO t VALUES (1, '{Canary}')");
        await _analytics.ExecuteAsync("CREATE TABLE t (id integer PRIMARY KEY, name text)");
        var table = Table with { Columns = null };
        await _lake.LoadAsync(table, 1, "SELECT 1::INTEGER AS id, 'other' AS name");
        await RunAsync("merge", Merge(table), fails: false);
        await _analytics.ExecuteAsync(
            $$"""
            DELETE FROM cdc.sampled_keys;
            INSERT INTO cdc.sampled_keys SELECT id, '{"id": "{{Canary}}"}' FROM cdc.tables WHERE target_name = 't'
            """);

        Assert.Contains(
            "public.t was not read: a key cannot be read as the type of the key's columns (PostgreSQL's error 22P02",
            await RunAsync("prove", Prove(table, ProofScope.Sample)), StringComparison.Ordinal);
        await RunAsync("prove", Prove(table, ProofScope.All), fails: false);
        await RunAsync("preflight", Preflight(table), fails: false);
        Assert.True(await _analytics.ScalarAsync<bool>($"SELECT bool_or(r::text LIKE '%{Canary}%') FROM cdc.proof_rows r"));
    }

    // A text that ends in a byte that no text has.
    private static byte[] Broken(byte[] file)
    {
        var text = Encoding.Latin1.GetString(file);
        return Encoding.Latin1.GetBytes(text.Replace($"{Canary}1", $"{Canary}\u00ff", StringComparison.Ordinal));
    }

    private static string Rows(int count, string type = "VARCHAR") =>
        $"SELECT '{Canary}' || i AS id, ('{Canary}' || (i - 1 + {(count == 1 ? 1 : 0)}))::{type} AS name FROM range(1, {count + 1}) r(i)";

    private static readonly TableDefinition Table = new()
    {
        Schema = "public",
        Name = "t",
        Target = "public.t",
        Key = ["id"],
        Columns = [new() { From = "id", To = "id", Type = "text" }, new() { From = "name", To = "name", Type = "integer" }],
    };

    /// <summary>Runs a function.</summary>
    /// <returns>What it told its caller. Nothing that it told or printed has the canary.</returns>
    private async Task<string> RunAsync(string function, string input, bool fails = true)
    {
        await using var process = new BundleProcess(
            function,
            ("CDCDMS_SOURCE", _source.ConnectionString),
            ("CDCDMS_TARGET", _analytics.ConnectionString),
            ("CDCDMS_S3_ENDPOINT", servers.S3Server.Endpoint.AbsoluteUri),
            ("CDCDMS_FILE_INTERVAL_SECONDS", "60"),
            ("AWS_ACCESS_KEY_ID", servers.S3Server.AccessKeyId),
            ("AWS_SECRET_ACCESS_KEY", servers.S3Server.SecretAccessKey));
        var report = await process.InvokeAsync(input);
        var printed = string.Join('\n', [.. await process.LogAsync(), .. process.Errors]);
        Assert.DoesNotContain(Canary, report.Body + printed, StringComparison.Ordinal);
        if (!fails)
            return report.ErrorType is null ? report.Body : throw new InvalidOperationException(report.Body);
        Assert.Contains("ERROR request", printed, StringComparison.Ordinal);
        return JsonDocument.Parse(report.Body).RootElement.GetProperty("errorMessage").GetString()!;
    }

    private string Merge(TableDefinition table) => JsonSerializer.Serialize(
        new MergeInput { Table = table, Lake = _lake.Uri.ToString(), SampledKeys = 10 }, ContractJson.Default.MergeInput);

    private string Plan(TableDefinition table) => JsonSerializer.Serialize(
        new PlanInput { Table = table, Lake = _lake.Uri.ToString() }, ContractJson.Default.PlanInput);

    private static string Prove(TableDefinition table, ProofScope scope) => JsonSerializer.Serialize(
        new ProveInput { Table = table, Scope = scope, Repairs = true }, ContractJson.Default.ProveInput);

    private static string Preflight(TableDefinition table) => JsonSerializer.Serialize(
        new PreflightInput { Tables = [table], Only = [], LobKilobytes = 1, HeartbeatSchema = "cdcdms", CaptureDdl = false },
        ContractJson.Default.PreflightInput);
}
