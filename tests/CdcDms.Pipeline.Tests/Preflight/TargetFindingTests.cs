using CdcDms.Pipeline.Preflight;

namespace CdcDms.Pipeline.Tests.Preflight;

/// <summary>What a target is refused for, and what it would refuse.</summary>
public sealed class TargetFindingTests(TestServers servers)
{
    private const string SourceSql =
        """
        CREATE TABLE good (id int PRIMARY KEY, v varchar(9), n numeric(5,1), b boolean NOT NULL, at timestamptz, u uuid, e int[]);
        CREATE TABLE wide (id int PRIMARY KEY, n numeric(12,2), c varchar(9));
        CREATE TABLE extra (id int PRIMARY KEY, v int); CREATE TABLE gone (id int PRIMARY KEY);
        CREATE TABLE soft (id int PRIMARY KEY); CREATE TABLE viewed (id int PRIMARY KEY); CREATE TABLE new (id int PRIMARY KEY);
        CREATE TABLE empty (id int PRIMARY KEY, v int); CREATE TABLE keyless (id int PRIMARY KEY);
        """;

    private const string TargetSql =
        """
        CREATE SCHEMA analytics; SET search_path = analytics;
        CREATE TABLE good (id bigint PRIMARY KEY, v text, n numeric, b boolean NOT NULL, at timestamptz, u uuid, e int[],
            mine text, at_once timestamptz NOT NULL DEFAULT now());
        CREATE TABLE wide (id smallint PRIMARY KEY, n int, c date);
        CREATE TABLE extra (id int PRIMARY KEY);
        CREATE TABLE gone (id int PRIMARY KEY, was int);
        CREATE TABLE soft (id int PRIMARY KEY, _cdc_delete_version numeric(38,0));
        CREATE VIEW viewed AS SELECT 1 AS id;
        CREATE TABLE empty (id int PRIMARY KEY, v int NOT NULL, mine int NOT NULL);
        CREATE TABLE keyless (id int);
        """;

    [Fact]
    public async Task Each_fault_is_found_at_its_target_and_nothing_at_a_good_one()
    {
        await using var source = await servers.CreateDatabaseAsync();
        await using var target = await servers.CreateDatabaseAsync();
        await source.ExecuteAsync(SourceSql);
        await target.ExecuteAsync(TargetSql);
        TableDefinition[] tables =
        [
            Define("good"),
            Define("wide"),
            Define("extra") with { NewColumns = NewColumnPolicy.Fail },
            Define("gone") with { Columns = [new() { From = "id", To = "id" }, new() { From = "was", To = "was" }] },
            Define("soft"), Define("viewed"), Define("new"), Define("empty"), Define("keyless"),
            Define("self") with { Target = "public.self" },
        ];

        var report = await new PreflightJob(source.ConnectionString, target.ConnectionString, new PreflightSettings())
            .RunAsync(new TableList(tables, []), TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                "wide target-types blocks", "wide target-types warns", "extra target-columns blocks",
                "soft target-fit blocks", "viewed target-fit blocks", "new target-missing blocks", "empty target-not-null loses",
                "empty target-not-null blocks", "keyless target-key blocks", "self target-missing blocks",
            ],
            report.Findings.Where(finding => finding.Database is CheckedDatabase.Analytics).Select(finding =>
                $"{finding.Table!["public.".Length..]} {finding.Check} {finding.Severity.ToString().ToLowerInvariant()}"));
    }

    [Fact]
    public async Task A_table_that_is_its_own_target_is_found()
    {
        await using var database = await servers.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE self (id int PRIMARY KEY)");

        var report = await new PreflightJob(database.ConnectionString, database.ConnectionString, new PreflightSettings()).RunAsync(
            new TableList([Define("self") with { Target = "public.self" }], []), TestContext.Current.CancellationToken);

        Assert.Contains(report.Findings, finding => finding.Reason.Contains("both source and target", StringComparison.Ordinal));
    }

    private static TableDefinition Define(string table) => new() { Schema = "public", Name = table, Target = $"analytics.{table}" };
}
