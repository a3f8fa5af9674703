using System.Text.Json.Nodes;
using CdcDms.Local.ConsoleServer;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.ConsoleServer;

/// <summary>What the console answers to programs.</summary>
public sealed class ConsoleApiTests(TestServers servers) : ConsoleFixture(servers)
{
    private static readonly string HostileTarget = new Contract.Tables.TableName("x", Hostile).ToString();

    [Fact]
    public async Task Tables_are_told_with_their_state_last_batch_and_day()
    {
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);

        var (status, answer) = await AskAsync(browser, "/api/tables");

        Assert.Equal(200, status);
        var tables = answer["tables"]!.AsArray();
        Assert.Equal(["analytics.accounts", HostileTarget], tables.Select(table => table!["target"]!.GetValue<string>()));
        var accounts = tables[0]!;
        Assert.Equal(
            ("replicating", 1, 6, 24),
            (accounts["state"]!.GetValue<string>(), accounts["lastBatch"]!["rows"]!["inserted"]!.GetValue<int>(),
                accounts["day"]!["read"]!.GetValue<int>(), accounts["hours"]!.AsArray().Count));
    }

    [Fact]
    public async Task Why_a_file_was_rejected_is_told_without_a_value_of_a_row()
    {
        await Analytics.ExecuteAsync(
            """
            INSERT INTO cdc.rejected_files (table_id, key, etag, modified_at, bytes, reason, told)
            SELECT id, 'file', 'e', now(), 1, 'the value secret is none', 'a value is none' FROM cdc.tables
            """);
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);

        var text = (await AskAsync(browser, "/api/tables")).Answer.ToJsonString();

        Assert.Contains("a value is none", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batches_of_a_table_with_a_hostile_name_come_page_by_page()
    {
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);
        var path = $"/api/tables/{Uri.EscapeDataString(HostileTarget)}/batches?limit=2";

        var newest = (await AskAsync(browser, path)).Answer["batches"]!.AsArray();
        var before = Uri.EscapeDataString(newest[^1]!["committedUtc"]!.GetValue<string>());
        var older = (await AskAsync(browser, $"{path}&before={before}")).Answer["batches"]!.AsArray();

        Assert.Equal([1, 2], newest.Select(Read));
        Assert.Equal([3], older.Select(Read));
    }

    [Theory]
    [InlineData("analytics.gone", "", "Nothing was ever merged into analytics.gone; take a table that the ledger has.")]
    [InlineData("accounts", "", "'accounts' is not a table name: write it as schema.name.")]
    [InlineData("analytics.accounts", "?limit=0", "limit is a number from 1 to 500, and '0' is none.")]
    [InlineData("analytics.accounts", "?limit=many", "limit is a number from 1 to 500, and 'many' is none.")]
    [InlineData("analytics.accounts", "?before=soon", "before is a time as 2026-01-31T12:00:00Z, and 'soon' is none.")]
    public async Task A_wrong_question_gets_a_sentence(string table, string query, string sentence)
    {
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);

        Assert.Equal((400, sentence), await FailureAsync(browser, $"/api/tables/{table}/batches{query}"));
    }

    [Fact]
    public async Task Health_without_source_and_lake_says_what_is_missing()
    {
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);

        var (status, sentence) = await FailureAsync(browser, "/api/health");

        Assert.Equal(404, status);
        Assert.Contains("start it with --source, --lake and --tables", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_foresaw_is_a_sentence_too()
    {
        await using var console = await RunningConsole.StartAsync(
            Places() with { Health = _ => throw new InvalidOperationException("It is odd.") });
        using var browser = await BrowserAsync(console);

        var (status, sentence) = await FailureAsync(browser, "/api/health");

        Assert.Equal(500, status);
        Assert.StartsWith(
            "What was asked for failed by a defect of CdcDms: InvalidOperationException, It is odd; ", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_description_has_every_path_that_answers()
    {
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);

        var (_, description) = await AskAsync(browser, "/openapi.json");

        var paths = description["paths"]!.AsObject().SelectMany(
            path => path.Value!.AsObject().Select(method => $"{method.Key.ToUpperInvariant()} {path.Key}"));
        Assert.Equal(console.Routes.Where(route => route.Contains(" /api/", StringComparison.Ordinal)).Order(), paths.Order());
        // What a browser that is not let in, a page of another address or a defect gets wherever it asks.
        Assert.All(
            description["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()),
            method => Assert.Empty(
                ((string[])["401", "403", "421", "500"]).Except(method.Value!["responses"]!.AsObject().Select(answer => answer.Key))));
        var described = description["components"]!["schemas"]!["Table"]!["properties"]!.AsObject().Select(part => part.Key);
        var (_, tables) = await AskAsync(browser, "/api/tables");
        Assert.Empty(tables["tables"]![0]!.AsObject().Select(part => part.Key).Except(described));
    }

    [Fact]
    public async Task A_database_that_cannot_be_read_is_one_sentence_until_it_can_be()
    {
        var settings = new NpgsqlConnectionStringBuilder(Analytics.ConnectionString);
        var version = await Analytics.ScalarAsync<int>("SELECT max(version) FROM cdc.schema_version");
        foreach (var (target, sentence) in new (string, string)[]
        {
            ("Host=127.0.0.1;Port=1;Username=a;Database=b", "Cannot open the analytics database b at 127.0.0.1:1 as a: "),
            (new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Username = "no_such_role" }.ConnectionString,
                "as no_such_role: "),
            (new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Password = "wrong" }.ConnectionString,
                "correct Username and Password."),
            (new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Database = "no_such" }.ConnectionString, "correct Database"),
        })
        {
            await using var console = await StartAsync(target);
            using var browser = await BrowserAsync(console);

            var (status, told) = await FailureAsync(browser, "/api/tables");

            Assert.Equal(503, status);
            Assert.Contains(sentence, told, StringComparison.Ordinal);
        }

        await using var over = await StartAsync();
        using var page = await BrowserAsync(over);
        await Analytics.ExecuteAsync($"INSERT INTO cdc.schema_version (version, name) VALUES ({version + 1}, 'test')");
        Assert.Contains("this program knows versions up to", (await FailureAsync(page, "/api/tables")).Sentence, StringComparison.Ordinal);
        await Analytics.ExecuteAsync($"DELETE FROM cdc.schema_version WHERE version >= {version}");
        Assert.Contains(
            "the next merge of this program's release", (await FailureAsync(page, "/api/tables")).Sentence, StringComparison.Ordinal);
        await Analytics.ExecuteAsync($"INSERT INTO cdc.schema_version (version, name) VALUES ({version}, 'test')");
        Assert.Equal(200, (await AskAsync(page, "/api/tables")).Status);
    }

    private static int Read(JsonNode? batch) => batch!["rows"]!["read"]!.GetValue<int>();
}
