using System.Text.Json;
using CdcDms.Functions.Sandbox;
using Npgsql;

namespace CdcDms.Functions.Tests.Tables;

/// <summary>The built bundle looks at real databases, as the roles of DMS and of the merge.</summary>
public sealed class PreflightFunctionTests(TestServers servers) : IAsyncLifetime
{
    private TestDatabase _source = null!;
    private TestDatabase _analytics = null!;

    public async ValueTask InitializeAsync()
    {
        _source = await servers.CreateDatabaseAsync();
        _analytics = await servers.CreateDatabaseAsync();
        await SandboxShop.PrepareSourceAsync(_source.ConnectionString, "password", TestContext.Current.CancellationToken);
        await SandboxShop.PrepareAnalyticsAsync(_analytics.ConnectionString, "password", TestContext.Current.CancellationToken);
        await _source.ExecuteAsync("ALTER TABLE products REPLICA IDENTITY DEFAULT");
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _analytics.DisposeAsync();
    }

    [Fact]
    public async Task What_is_found_is_sorted_by_what_it_does_and_the_functions_own_timeouts_are_no_finding()
    {
        var output = await LookAsync(As(_analytics, "loader"));

        Assert.Equal(("target-missing", "missing-table"), (Assert.Single(output.Blocks).Check, Assert.Single(output.Loses).Check));
        Assert.Contains(output.Warns, finding => finding.Check == "replica-identity");
        Assert.DoesNotContain(output.Warns, finding => finding.Check is "session-timeouts" or "analytics-away");
    }

    [Fact]
    public async Task Of_tables_that_are_added_alone_findings_are_told_and_analytics_may_be_away()
    {
        var output = await LookAsync(
            new NpgsqlConnectionStringBuilder(As(_analytics, "loader")) { Database = "nowhere" }.ConnectionString, "public.ghosts");

        Assert.Empty(output.Blocks);
        Assert.Equal("missing-table", Assert.Single(output.Loses).Check);
        Assert.StartsWith(
            "The analytics database was not checked: Cannot open the analytics database",
            Assert.Single(output.Warns).Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_loss_of_many_tables_hides_no_other_since_an_environment_may_accept_the_one()
    {
        await _source.ExecuteAsync("CREATE TABLE keyless (id int NOT NULL); GRANT SELECT ON keyless TO dms");

        var output = await LookAsync(
            As(_analytics, "loader"), [.. Enumerable.Range(0, 120).Select(n => $"ghost_{n}"), "keyless"], []);

        Assert.Equal(100, output.Loses.Count);
        Assert.Equal(["missing-table", "primary-key"], output.Loses.Select(finding => finding.Check).Distinct().Order());
    }

    [Fact]
    public async Task The_connection_by_which_rows_are_read_is_looked_at_and_may_be_away()
    {
        var output = await LookAsync(As(_analytics, "loader"), ["products"], [], ("CDCDMS_READ_SOURCE", As(_source, "loader")));

        Assert.Equal(
            ["cdcdms.settled", "public.products"],
            output.Warns.Where(finding => finding.Check == "reader-rights")
                .Select(finding => finding.Reason.Split("may not read ")[1].Split(':')[0]).Order());

        var away = await LookAsync(As(_analytics, "loader"), ["products"], [], ("CDCDMS_READ_SOURCE", As(_source, "nobody")));

        Assert.StartsWith(
            "The connection by which rows are read for proofs was not checked: Cannot open the source database",
            Assert.Single(away.Warns, finding => finding.Check == "reader-away").Reason,
            StringComparison.Ordinal);
    }

    private Task<PreflightOutput> LookAsync(string target, params string[] only) => LookAsync(target, ["products", "ghosts"], only);

    private async Task<PreflightOutput> LookAsync(
        string target, string[] tables, string[] only, params (string Name, string Value)[] more)
    {
        await using var process = new BundleProcess(
            "preflight", [("CDCDMS_SOURCE", As(_source, "dms")), ("CDCDMS_TARGET", target), .. more]);
        var input = new PreflightInput
        {
            Tables = [.. tables.Select(table => new TableDefinition { Schema = "public", Name = table, Target = $"analytics.{table}" })],
            Only = only,
            LobKilobytes = 1024,
            HeartbeatSchema = "cdcdms",
            CaptureDdl = false,
            EngineVersion = "3.6.1",
        };
        var report = await process.InvokeAsync(JsonSerializer.Serialize(input, ContractJson.Default.PreflightInput));
        Assert.True(report.ErrorType is null, report.Body);
        return JsonSerializer.Deserialize(report.Body, ContractJson.Default.PreflightOutput)!;
    }

    private static string As(TestDatabase database, string role) =>
        new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = "password" }.ConnectionString;
}
