using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Local.ChangeFiles;
using CdcDms.Local.Services;
using CdcDms.Local.Workflow;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Preflight;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Commands;

public sealed class PreflightTests(TestServers servers) : AsideFixture(servers)
{
    private static readonly string Shop = Repository.Read("lambdas", "CdcDms.Functions", "Sandbox", "shop.sql");

    [Fact]
    public async Task The_verb_tells_as_lines_as_an_object_and_as_a_script_and_its_exit_code_is_the_verdict()
    {
        await Source.ExecuteAsync("CREATE TABLE keyless (id int NOT NULL)");
        await AlsoDefineAsync("""{"schema": "public", "name": "keyless", "target": "analytics.keyless", "key": ["id"]}""", "{}");
        string[] verb = ["preflight", "--source", Source.ConnectionString, "--target", Analytics.ConnectionString, "--tables", Definitions];

        var lines = await RunAsync(verb);
        var json = await RunAsync([.. verb, "--json"]);
        var script = await RunAsync([.. verb, "--fix-sql"]);
        var both = await RunAsync([.. verb, "--fix-sql", "--json"]);

        Assert.Equal((1, 1, 1, 2), (lines.ExitCode, json.ExitCode, script.ExitCode, both.ExitCode));
        Assert.Contains(
            "loses: public.keyless: Table public.keyless has no primary key, so DMS ignores its updates and deletes.\n"
            + "    ALTER TABLE public.keyless ADD PRIMARY KEY (\"id\");\n",
            lines.Output, StringComparison.Ordinal);
        var report = JsonNode.Parse(json.Output)!;
        Assert.False(report["clean"]!.GetValue<bool>());
        var findings = report["findings"]!.AsArray();
        Assert.Equal("blocks", findings.Single(one => one!["check"]!.GetValue<string>() == "definition")!["severity"]!.GetValue<string>());
        Assert.Equal(
            "ALTER TABLE public.keyless ADD PRIMARY KEY (\"id\")",
            findings.Single(one => one!["check"]!.GetValue<string>() == "primary-key")!["sql"]![0]!.GetValue<string>());
        Assert.False(findings.Single(one => one!["check"]!.GetValue<string>() == "primary-key")!["choice"]!.GetValue<bool>());
        Assert.Contains("\nALTER TABLE public.keyless ADD PRIMARY KEY (\"id\");\n", script.Output, StringComparison.Ordinal);

        await Source.ExecuteAsync("DROP TABLE keyless; " + string.Join("; ", MarkerSchema.Statements));
        await File.WriteAllTextAsync(
            Definitions, """[{"schema": "public", "name": "accounts", "target": "analytics.accounts", "lobUpdates": "keepOnNull"}]""");
        var clean = await RunAsync("preflight", "--source", Source.ConnectionString, "--tables", Definitions);
        Assert.Equal(
            (0, "Nothing stops the pipeline or loses anything."), (clean.ExitCode, clean.Output.Trim()));
    }

    [Fact]
    public async Task The_page_s_SQL_is_the_script_for_prod_and_the_script_of_each_sample_makes_a_source_clean()
    {
        // A server of its own, since the role of RDS would be there for every other test.
        await using var server = await EmbeddedPostgres.StartAsync(TestContext.Current.CancellationToken);
        await ExecuteAsync(server.ConnectionString(), "CREATE ROLE rds_replication; CREATE ROLE rds_superuser");
        foreach (var environment in (string[])["dev", "prod", "sandbox"])
        {
            var owner = server.ConnectionString(environment);
            await server.CreateDatabaseAsync(environment, TestContext.Current.CancellationToken);
            await ExecuteAsync(owner, $"""
                {Shop}; DROP ROLE IF EXISTS dms; CREATE ROLE dms LOGIN PASSWORD 'p';
                INSERT INTO products SELECT 1, 'long', string_agg(md5(n::text), ''), 1 FROM generate_series(1, 300) n
                """);
            var json = JsonNode.Parse(Repository.Read("infra", "Environments", $"{environment}.json"))!["tables"]!.ToJsonString();
            var job = new PreflightJob(
                new NpgsqlConnectionStringBuilder(owner) { Username = "dms", Password = "p", Pooling = false }.ConnectionString,
                targetConnection: null,
                SynthesizedReplication.Read(
                    Repository.Read("tests", "CdcDms.Infra.Tests", "Snapshots", $"cdcdms-{environment}-replication.json")));

            var tables = ContractJson.ReadTables(json, environment);

            var script = FixScript.Of(await job.RunAsync(tables, TestContext.Current.CancellationToken));
            if (environment == "prod")
                Assert.Contains(
                    $"```sql\n{script.Replace("source prod,", "source shop,", StringComparison.Ordinal)}```\n",
                    Repository.Read("docs", "deploy.md"), StringComparison.Ordinal);
            await ExecuteAsync(owner, script.Replace(@"\set ON_ERROR_STOP on", "", StringComparison.Ordinal));
            var after = await job.RunAsync(tables, TestContext.Current.CancellationToken);

            Assert.True(after.IsClean, FixScript.Of(after));
            await ExecuteAsync(owner, "DROP OWNED BY dms; REVOKE rds_replication FROM dms");
        }
    }

    [Fact]
    public void The_settings_of_an_environment_are_those_of_its_template()
    {
        var (prod, dev) = (Read("prod"), Read("dev"));

        Assert.Equal(
            new PreflightSettings
            {
                LobKilobytes = 63,
                HeartbeatSchema = "cdcdms",
                CaptureDdl = true,
                EngineVersion = new Version(3, 6, 1),
            },
            prod);
        Assert.Equal(new PreflightSettings(), dev);
        Assert.False(Read("sandbox").CaptureDdl);

        static PreflightSettings Read(string environment) => SynthesizedReplication.Read(
            Repository.Read("tests", "CdcDms.Infra.Tests", "Snapshots", $"cdcdms-{environment}-replication.json"));
    }

    [Theory]
    [InlineData(16, -1)]
    [InlineData(17, -1)]
    [InlineData(20, -1)]
    [InlineData(21, -1)]
    [InlineData(23, -1)]
    [InlineData(25, -1)]
    [InlineData(700, -1)]
    [InlineData(701, -1)]
    [InlineData(790, -1)]
    [InlineData(1042, 7)]
    [InlineData(1043, -1)]
    [InlineData(1082, -1)]
    [InlineData(1083, -1)]
    [InlineData(1266, -1)]
    [InlineData(1114, -1)]
    [InlineData(1184, -1)]
    [InlineData(1186, -1)]
    [InlineData(1700, -1)]
    [InlineData(1700, 786438)]
    [InlineData(1700, 2621446)]
    [InlineData(2950, -1)]
    [InlineData(3802, -1)]
    public void What_preflight_says_of_a_file_s_column_is_what_the_capture_writes(int type, int modifier)
    {
        var column = DmsTypes.Column("c", (uint)type, modifier);
        var written = column.Form switch
        {
            TextForm.Bytes => "BLOB",
            TextForm.Real => "FLOAT",
            TextForm.Decimal => $"DECIMAL({column.Precision},{column.Scale})",
            TextForm.Text or TextForm.PaddedText or TextForm.Interval => "VARCHAR",
            var form => form.ToString().ToUpperInvariant(),
        };

        Assert.Equal(written, DmsFileTypes.Of((uint)type, modifier));
    }

    private static async Task ExecuteAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
