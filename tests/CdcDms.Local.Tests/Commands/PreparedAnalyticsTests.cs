using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Preflight;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Commands;

/// <summary>The analytics database as the page on deployment prepares it, and the tables of the sample environments.</summary>
public sealed class PreparedAnalyticsTests(TestServers servers) : PipelineFixture(servers)
{
    private const string ForReaders =
        "  GRANT USAGE ON SCHEMA analytics TO analysts;\n  GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO analysts;\n"
        + "  ALTER DEFAULT PRIVILEGES FOR ROLE loader IN SCHEMA analytics GRANT SELECT ON TABLES TO analysts;\n";

    private const string OwnSchemas = "CREATE SCHEMA cdc AUTHORIZATION loader;\nCREATE SCHEMA analytics AUTHORIZATION loader;\n";

    private static readonly string Shop = Repository.Read("lambdas", "CdcDms.Functions", "Sandbox", "shop.sql");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_page_s_SQL_lets_the_role_of_the_merge_make_every_target_of_prod(bool byScript)
    {
        await Source.ExecuteAsync($"{Shop}; {string.Join("; ", MarkerSchema.Statements)}");
        var name = new NpgsqlConnectionStringBuilder(Analytics.ConnectionString).Database!;
        // RDS's master user: no superuser, and of a role that it makes not a member.
        await Analytics.ExecuteAsync(
            $"CREATE ROLE master LOGIN CREATEROLE PASSWORD 'p'; ALTER DATABASE {name} OWNER TO master; CREATE ROLE analysts");
        try
        {
            await AsMasterAsync("CREATE ROLE loader LOGIN PASSWORD 'p'; GRANT loader TO CURRENT_USER");
            var loader = As("loader");
            var (tables, end) = (Sample("prod"), TestContext.Current.CancellationToken);
            var job = new PreflightJob(Source.ConnectionString, loader, new PreflightSettings { CaptureDdl = false });
            var script = FixScript.Of(await job.RunAsync(tables, end));
            script = script[script.IndexOf("-- The role loader", StringComparison.Ordinal)..];
            Assert.Contains(InPage(script.Replace(name, "analytics", StringComparison.Ordinal)), Page, StringComparison.Ordinal);
            Assert.Contains(InPage(OwnSchemas), Page, StringComparison.Ordinal);
            Assert.Contains($"  ```sql\n{ForReaders}  ```\n", Page, StringComparison.Ordinal);
            Assert.Contains("CREATE ROLE loader LOGIN PASSWORD '…';\n   GRANT loader TO CURRENT_USER;", Page, StringComparison.Ordinal);

            await AsMasterAsync(byScript ? script : OwnSchemas);

            var after = await job.RunAsync(tables, end);
            Assert.True(after.IsClean, FixScript.Of(after));
            foreach (var table in tables.Tables)
                await new MergeJob(new LakeReader(Servers.S3, Lake), loader).RunAsync(table, 1L << 30, end);
            Assert.Equal(4, await Analytics.ScalarAsync<long>(
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'analytics' AND tableowner = 'loader'"));
            await AsMasterAsync(ForReaders);
            Assert.True(await Analytics.ScalarAsync<bool>("SELECT has_table_privilege('analysts', 'analytics.orders', 'SELECT')"));
        }
        finally
        {
            await Analytics.ExecuteAsync(
                $"""
                ALTER DATABASE {name} OWNER TO CURRENT_USER;
                DROP OWNED BY analysts; DROP OWNED BY loader; DROP OWNED BY master; DROP ROLE loader, master, analysts
                """);
        }
    }

    [Fact]
    public async Task The_tables_of_the_samples_are_what_describe_says_of_the_sample_shop()
    {
        await Source.ExecuteAsync(Shop);
        var described = await new TableDescriber(Source.ConnectionString).DescribeAsync([], TestContext.Current.CancellationToken);
        foreach (var table in ((string[])["dev", "prod", "sandbox"]).SelectMany(environment => Sample(environment).Tables))
        {
            var complete = described.Tables.Single(other => other.Source == table.Source);
            Assert.Equal((complete.Target, NewColumnPolicy.Add), (table.Target, table.NewColumnPolicy));
            Assert.Equal(complete.Key, table.Key);
            Assert.Equal(complete.Columns, table.Columns);
        }
    }

    private string As(string role) => new NpgsqlConnectionStringBuilder(Analytics.ConnectionString)
    {
        Username = role,
        Password = "p",
        Pooling = false,
    }.ConnectionString;

    private async Task AsMasterAsync(string sql)
    {
        await using var master = await Database.OpenAsync(As("master"), "analytics", TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, master);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static string Page => Repository.Read("docs", "deploy.md");

    private static string InPage(string script) => $"```sql\n{script}```\n";

    private static TableList Sample(string environment) => ContractJson.ReadTables(
        JsonNode.Parse(Repository.Read("infra", "Environments", $"{environment}.json"))!["tables"]!.ToJsonString(), environment);
}
