using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>Each of these gives one sentence, the right exit code, and changes nothing.</summary>
public sealed class BadInputTests(TestServers servers) : AsideFixture(servers)
{
    private const string Nowhere = "Host=127.0.0.1;Port=1;Username=nobody;Database=none;Timeout=5";

    [Fact]
    public async Task An_unreachable_server_is_named()
    {
        await FailsAsync(1, "127.0.0.1:1", "describe", "--source", Nowhere);
        await FailsAsync(1, "127.0.0.1:1", ["capture", "--source", Nowhere, "--tables", Definitions, .. CommandLine.Lake(Servers, Lake)]);
        await FailsAsync(1, "127.0.0.1:1", ["merge", "--target", Nowhere, "--tables", Definitions, .. CommandLine.Lake(Servers, Lake)]);
        await FailsAsync(1, "127.0.0.1:1", "validate", "--source", Source.ConnectionString, "--target", Nowhere, "--tables", Definitions);
    }

    [Fact]
    public async Task A_wrong_password_is_told_as_such()
    {
        var wrong = new Npgsql.NpgsqlConnectionStringBuilder(Source.ConnectionString) { Password = "wrong" }.ConnectionString;

        await FailsAsync(1, "password authentication failed", "describe", "--source", wrong);
    }

    [Fact]
    public async Task A_missing_bucket_is_named_and_nothing_is_created()
    {
        string[] missing = ["--lake", "s3://no-such-bucket/x", "--s3-endpoint", Servers.S3Server.Endpoint.ToString()];

        await FailsAsync(1, "no-such-bucket", ["capture", "--source", Source.ConnectionString, "--tables", Definitions, .. missing]);
        await FailsAsync(1, "no-such-bucket", ["merge", "--target", Analytics.ConnectionString, "--tables", Definitions, .. missing]);

        Assert.Equal(0, await Source.ScalarAsync<long>("SELECT count(*) FROM pg_replication_slots WHERE database = current_database()"));
        Assert.Equal(0, await Analytics.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname IN ('cdc', 'analytics')"));
    }

    [Theory]
    [InlineData("""[{"schema":"public","name":"missing","target":"analytics.x"}]""", 2, "missing")]
    [InlineData("""[{"schema":"public","name":"keyless","target":"analytics.x"}]""", 2, "keyless")]
    [InlineData("""[{"schema":"public","name":"accounts","target":"analytics.x","kye":["id"]}]""", 2, "kye")]
    [InlineData(
        """[{"schema":"public","name":"accounts","target":"a.x"},{"schema":"public","name":"entries","target":"a.x"}]""",
        2,
        "same target a.x")]
    [InlineData("""[{"schema":"public","name":"accounts","target":"x"}]""", 2, "schema.name")]
    [InlineData("[]", 2, "no table definition")]
    [InlineData("{", 2, "table definitions")]
    public async Task A_wrong_definition_is_refused_by_capture_before_it_changes_the_source(string json, int exitCode, string says)
    {
        await Source.ExecuteAsync("CREATE TABLE keyless (x integer)");
        await File.WriteAllTextAsync(Definitions, json);

        await FailsAsync(
            exitCode, says, ["capture", "--source", Source.ConnectionString, "--tables", Definitions, .. CommandLine.Lake(Servers, Lake)]);

        Assert.Equal(0, await Source.ScalarAsync<long>(
            "SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_replication_slots WHERE database = "
            + "current_database())"));
        Assert.Equal(0, await FilesAsync());
    }

    [Fact]
    public async Task A_table_that_cannot_be_captured_is_exit_code_1_and_the_others_are_captured()
    {
        await Source.ExecuteAsync("CREATE TABLE keyless (x integer)");
        await File.WriteAllTextAsync(
            Definitions,
            """
            [
              {"schema": "public", "name": "keyless", "target": "analytics.keyless"},
              {"schema": "public", "name": "accounts", "target": "analytics.accounts"},
              {"schema": "public", "name": "entries", "target": "entries"}
            ]
            """);

        var (exitCode, output, errors) = await RunAsync([
            "capture", "--source", Source.ConnectionString, "--tables", Definitions, "--until-idle", "0",
            .. CommandLine.Lake(Servers, Lake)]);

        Assert.Equal((1, "3000 rows of the snapshot, 0 changes, 1 files.\n"), (exitCode, output));
        Assert.Contains("Warning: public.keyless is not captured. Table public.keyless has no", errors, StringComparison.Ordinal);
        Assert.Contains("\nDefined tables that were not captured: 2. The warnings above", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_is_its_own_target_is_refused()
    {
        await File.WriteAllTextAsync(Definitions, """[{"schema":"public","name":"accounts","target":"public.accounts"}]""");

        await FailsAsync(
            1,
            "both source and target",
            "validate",
            "--source",
            Source.ConnectionString,
            "--target",
            Source.ConnectionString,
            "--tables",
            Definitions);
    }

    [Fact]
    public async Task A_difference_is_exit_code_1_and_named()
    {
        await ArrivesIdenticalAsync();
        await Analytics.ExecuteAsync("UPDATE analytics.accounts SET note = 'damaged' WHERE id = 17");

        var (exitCode, output, _) = await RunAsync(
            "validate", "--source", Source.ConnectionString, "--target", Analytics.ConnectionString, "--tables", Definitions, "--json");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("""{"identical":false,""", output, StringComparison.Ordinal);
        Assert.Contains("\"differentColumns\":[\"note\"]", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_table_is_compared_whatever_happens_to_another()
    {
        await ArrivesIdenticalAsync();
        await Source.ExecuteAsync("ALTER TABLE entries DROP amount");
        await AlsoDefineAsync(
            """{"schema":"public","name":"gone","target":"analytics.gone"}""",
            """{"schema":"public","name":"wrong","target":"analytics.wrong","kye":["id"]}""");

        var (exitCode, report, errors) = await JsonAsync(
            "validate", "--source", Source.ConnectionString, "--target", Analytics.ConnectionString, "--tables", Definitions);

        Assert.Equal(1, exitCode);
        Assert.False(report["identical"]!.GetValue<bool>());
        Assert.Equal(
            ["public.wrong false  failed", "public.accounts true ", "public.entries false amount", "public.gone false  failed"],
            report["tables"]!.AsArray().Select(table =>
                $"{table!["table"]} {table["identical"]} {string.Join(",", table["differentColumns"]?.AsArray() ?? [])}"
                + (table["failure"] is null ? "" : " failed")));
        Assert.Collection(
            errors.TrimEnd().Split('\n'),
            wrong => Assert.StartsWith($"{Definitions}[3].kye: ", wrong, StringComparison.Ordinal),
            gone => Assert.StartsWith("The source database has no table public.gone", gone, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_down_is_told_once_and_in_each_tables_result()
    {
        var (exitCode, report, errors) = await JsonAsync(
            "validate", "--source", Source.ConnectionString, "--target", Nowhere, "--tables", Definitions);

        Assert.Equal((1, 1), (exitCode, errors.TrimEnd().Split('\n').Length));
        Assert.All(report["tables"]!.AsArray(), table => Assert.Equal(errors.TrimEnd(), table!["failure"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_wrong_command_line_is_exit_code_2()
    {
        await FailsAsync(2, "--source", "describe");
        await FailsAsync(2, "no-such-verb", "no-such-verb");
        await FailsAsync(2, "at least 1", "demo", "--rows", "0");
        await FailsAsync(
            2,
            "no-such-file",
            ["merge", "--target", Analytics.ConnectionString, "--tables", "no-such-file", .. CommandLine.Lake(Servers, Lake)]);
    }

    private async Task FailsAsync(int expected, string says, params string[] arguments)
    {
        var (exitCode, output, errors) = await RunAsync(arguments);

        Assert.Equal((expected, ""), (exitCode, output));
        Assert.Contains(says, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("defect of CdcDms", errors, StringComparison.Ordinal);
    }
}
