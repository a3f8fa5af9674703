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

        Assert.Equal((1, "3,000 rows of the snapshot, 0 changes, 1 file.\n"), (exitCode, output));
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
        Assert.Contains(
            "\"missing\":0,\"extra\":0,\"changed\":1,\"differentColumns\":[\"note\"],"
            + "\"differences\":[{\"kind\":\"changed\",\"key\":{\"id\":\"17\"},\"columns\":[\"note\"]}]",
            output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_differ_are_told_with_their_values_when_these_are_asked_for()
    {
        await ArrivesIdenticalAsync();
        await Analytics.ExecuteAsync(
            "UPDATE analytics.accounts SET note = NULL WHERE id = 17; UPDATE analytics.accounts SET note = 'it''s' WHERE id = 18; "
            + "DELETE FROM analytics.accounts WHERE id = 19");
        string[] validate =
            ["validate", "--source", Source.ConnectionString, "--target", Analytics.ConnectionString, "--tables", Definitions];

        var (_, told, _) = await RunAsync(validate);
        var (_, shown, _) = await RunAsync([.. validate, "--show-values"]);

        Assert.Contains("public.accounts id = '17': changed in note\n", told, StringComparison.Ordinal);
        Assert.Contains("public.accounts id = '19': missing\n", told, StringComparison.Ordinal);
        Assert.Contains("; analytics note = NULL\n", shown, StringComparison.Ordinal);
        Assert.Contains("; analytics note = 'it''s'\n", shown, StringComparison.Ordinal);
        Assert.Contains("public.accounts id = '19': missing; source id = '19', ", shown, StringComparison.Ordinal);
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
        await FailsAsync(2, "missing for option: '--source'", "status", "--target", "x", "--lake", "s3://b/x", "--tables", "x", "--source");
        await FailsAsync(2, "missing for option: '--read-source'", [
            "validate", "--source", "x", "--target", "x", "--tables", "x", "--lake", "s3://b/x", "--read-source"]);
        await FailsAsync(2, "--rows is a whole number, and 'x' is none.", "demo", "--rows", "x");
        await FailsAsync(2, "at least 0", ["capture", "--source", Nowhere, "--until-idle", "-1", "--tables", Definitions,
            .. CommandLine.Lake(Servers, Lake)]);
        await FailsAsync(2, "name another with --env", ["workflow", "--env", "nosuch", "--source", Nowhere, "--target", Nowhere,
            "--tables", Definitions, .. CommandLine.Lake(Servers, Lake)]);
        await FailsAsync(
            2,
            "no-such-file",
            ["merge", "--target", Analytics.ConnectionString, "--tables", "no-such-file", .. CommandLine.Lake(Servers, Lake)]);
    }

    [Theory]
    [InlineData("", "has no Host")]
    [InlineData("Database=x", "has no Host")]
    [InlineData("Host=127.0.0.1;Port=70000", "has the Port 70000, and ports go from 1 to 65535; write")]
    [InlineData("nonsense", "cannot be read: Format of the initialization string")]
    public async Task A_text_that_is_no_connection_string_is_told_before_anything_is_done(string text, string says)
    {
        await FailsAsync(2, $"The connection string of the analytics database {says}", "status", "--target", text);
        await FailsAsync(2, $"The connection string of the source database {says}", "describe", "--source", text);
    }

    [Fact]
    public async Task Settings_that_do_not_fit_together_do_not_open_the_database() =>
        Assert.All(
            await Task.WhenAll(
                RunAsync("status", "--target", $"{Analytics.ConnectionString};Minimum Pool Size=9;Maximum Pool Size=1"),
                RunAsync("status", "--target", "Host=:;Username=x;Database=y")),
            run =>
            {
                Assert.Equal((1, ""), (run.ExitCode, run.Output));
                Assert.StartsWith("Cannot open the analytics database", run.Errors, StringComparison.Ordinal);
            });

    [Theory]
    [InlineData("no where", "region is not a valid hostname component; check AWS_REGION.")]
    [InlineData(null, "No AWS region is known: set AWS_REGION, or name an S3 endpoint.")]
    public async Task A_region_that_is_none_is_told(string? region, string says)
    {
        using var merge = CommandLine.Start(
            Servers, region, ["merge", "--lake", "s3://bucket", "--target", Nowhere, "--tables", Definitions]);

        var (exitCode, output, errors) = await merge.EndAsync();

        Assert.Equal((1, ""), (exitCode, output));
        Assert.EndsWith(says, errors.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_a_failure_of_the_whole_verb_is_one_object_too()
    {
        foreach (var (expected, arguments) in new (int, string[])[]
        {
            (1, ["status", "--target", Nowhere]),
            (2, ["validate", "--source", "x", "--target", Nowhere, "--tables", Definitions]),
            (2, ["merge", "--target", Analytics.ConnectionString, "--tables", "no-such-file", .. CommandLine.Lake(Servers, Lake)]),
            (2, ["quarantine", "list"]),
            (2, ["demo", "--rows", "x"]),
        })
        {
            var (exitCode, report, errors) = await JsonAsync(arguments);

            Assert.Equal(expected, exitCode);
            Assert.StartsWith(Assert.Single(report).Value!.GetValue<string>(), errors, StringComparison.Ordinal);
            Assert.DoesNotContain("System.", errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_role_that_may_not_write_is_told_what_it_needs()
    {
        await ArrivesIdenticalAsync();
        var (writer, reader) = ($"w{Guid.NewGuid():N}", $"r{Guid.NewGuid():N}");
        await Analytics.ExecuteAsync(
            $"CREATE ROLE {writer} LOGIN PASSWORD 'p'; "
            + $"CREATE ROLE {reader} LOGIN PASSWORD 'p' IN ROLE pg_read_all_data, pg_write_all_data; "
            + $"ALTER ROLE {reader} SET default_transaction_read_only = on");
        try
        {
            await FailsAsync(1, "; GRANT it to the role, or connect as the role that owns it.", [.. MergeAs(writer)]);
            await FailsAsync(1, "read-only transaction; connect to the primary server, as a role", [.. MergeAs(reader)]);
        }
        finally
        {
            await Analytics.ExecuteAsync($"DROP ROLE {writer}; DROP ROLE {reader}");
        }

        string[] MergeAs(string role) =>
        [
            "merge", "--tables", Definitions, .. CommandLine.Lake(Servers, Lake), "--target",
            new Npgsql.NpgsqlConnectionStringBuilder(Analytics.ConnectionString) { Username = role, Password = "p" }.ConnectionString,
        ];
    }

    [Fact]
    public async Task A_lake_without_any_object_is_told()
    {
        var (exitCode, report, errors) = await JsonAsync(
            "merge", "--target", Analytics.ConnectionString, "--tables", Definitions, "--lake", $"s3://{Lake.Bucket}/mistyped",
            "--s3-endpoint", Servers.S3Server.Endpoint.ToString());

        Assert.Equal((1, $"There is no object in s3://{Lake.Bucket}/mistyped: correct --lake, or capture first.\n"), (exitCode, errors));
        Assert.All(report["tables"]!.AsArray(), table => Assert.Equal(errors.TrimEnd(), table!["failure"]!.GetValue<string>()));
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
