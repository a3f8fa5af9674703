using System.Text.Json.Nodes;
using CdcDms.Functions.Sandbox;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Preflight;
using Npgsql;

namespace CdcDms.Functions.Tests.Sandbox;

public sealed class SandboxShopTests(TestServers servers)
{
    [Fact]
    public async Task A_prepared_source_lets_DMS_read_write_its_own_schema_and_markers_and_replicate()
    {
        await using var source = await servers.CreateDatabaseAsync();
        await SandboxShop.PrepareSourceAsync(source.ConnectionString, "first'password", TestContext.Current.CancellationToken);
        await SandboxShop.PrepareSourceAsync(source.ConnectionString, "second'password", TestContext.Current.CancellationToken);

        var login = new NpgsqlConnectionStringBuilder(source.ConnectionString) { Username = "dms", Password = "second'password" };
        await using var dms = new NpgsqlConnection(login.ConnectionString);
        await dms.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = dms.CreateCommand();
        command.CommandText = """
            CREATE TABLE cdcdms.awsdms_heartbeat (id int);
            INSERT INTO cdcdms.settled (marker_id, table_schema, table_name) VALUES (gen_random_uuid(), 'public', 'orders');
            SELECT count(*) FROM order_items
            """;

        Assert.Equal(10_000L, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, await MarkerWriter.WriteOneAsync(login.ConnectionString, 60, TestContext.Current.CancellationToken));
        Assert.True(await source.ScalarAsync<bool>("SELECT rolreplication FROM pg_roles WHERE rolname = 'dms'"));
    }

    [Fact]
    public async Task Both_databases_are_as_preflight_wants_them()
    {
        await using var source = await servers.CreateDatabaseAsync();
        await using var analytics = await servers.CreateDatabaseAsync();
        await SandboxShop.PrepareSourceAsync(source.ConnectionString, "password", TestContext.Current.CancellationToken);
        await SandboxShop.PrepareAnalyticsAsync(analytics.ConnectionString, "password", TestContext.Current.CancellationToken);
        var tables = JsonNode.Parse(await File.ReadAllTextAsync(
            Path.Combine(Repository.Environments, "sandbox.json"), TestContext.Current.CancellationToken))!["tables"]!;

        var report = await new PreflightJob(
            As(source, "dms"), As(analytics, "loader"), new PreflightSettings { CaptureDdl = false })
            .RunAsync(ContractJson.ReadTables(tables.ToJsonString(), "sandbox.json"), TestContext.Current.CancellationToken);

        Assert.True(report.IsClean, FixScript.Of(report));

        static string As(TestDatabase database, string role) => new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            Username = role,
            Password = "password",
            Pooling = false,
        }.ConnectionString;
    }

    [Fact]
    public async Task Business_inserts_updates_and_deletes()
    {
        await using var source = await servers.CreateDatabaseAsync();
        await SandboxShop.PrepareSourceAsync(source.ConnectionString, "password", TestContext.Current.CancellationToken);
        await SandboxShop.TradeAsync(source.ConnectionString, TestContext.Current.CancellationToken);

        Assert.Equal(2L, await source.ScalarAsync<long>("SELECT min(id) FROM orders"));
        Assert.Equal(5020L, await source.ScalarAsync<long>("SELECT max(id) FROM orders"));
        Assert.Equal(0L, await source.ScalarAsync<long>("SELECT count(*) FROM order_items WHERE order_id NOT IN (SELECT id FROM orders)"));
        Assert.True(await source.ScalarAsync<long>("SELECT count(*) FROM customers WHERE preferences ? 'seen'") > 0);
    }

    [Fact]
    public async Task The_loader_owns_the_analytics_tables_and_may_make_the_ledger()
    {
        await using var analytics = await servers.CreateDatabaseAsync();
        await SandboxShop.PrepareAnalyticsAsync(analytics.ConnectionString, "password", TestContext.Current.CancellationToken);

        Assert.Equal(4L, await analytics.ScalarAsync<long>(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'analytics' AND tableowner = 'loader'"));
        Assert.True(await analytics.ScalarAsync<bool>("SELECT has_database_privilege('loader', current_database(), 'CREATE')"));
    }
}
