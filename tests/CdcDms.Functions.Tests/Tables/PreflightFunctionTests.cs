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

    private async Task<PreflightOutput> LookAsync(string target, params string[] only)
    {
        await using var process = new BundleProcess(
            "preflight", ("CDCDMS_SOURCE", As(_source, "dms")), ("CDCDMS_TARGET", target));
        var input = new PreflightInput
        {
            Tables =
            [
                new() { Schema = "public", Name = "products", Target = "analytics.products" },
                new() { Schema = "public", Name = "ghosts", Target = "analytics.ghosts" },
            ],
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
