using CdcDms.Pipeline.Preflight;

namespace CdcDms.Pipeline.Tests.Preflight;

/// <summary>The script that preflight prints makes it clean, but for what no SQL can do.</summary>
public sealed class CureTests(TestServers servers)
{
    private const string BadSource =
        """
        CREATE SCHEMA shut; CREATE TABLE shut.away (id int PRIMARY KEY);
        CREATE TABLE keyless (id int NOT NULL);
        CREATE TABLE later (id int PRIMARY KEY DEFERRABLE);
        CREATE TABLE named (id text PRIMARY KEY, n int);
        CREATE TABLE silent (id int PRIMARY KEY); ALTER TABLE silent REPLICA IDENTITY NOTHING;
        CREATE UNLOGGED TABLE fast (id int PRIMARY KEY);
        CREATE TABLE long (id int PRIMARY KEY, v text, n numeric);
        INSERT INTO long SELECT 1, string_agg(md5(n::text), ''), 0.1234567 FROM generate_series(1, 300) n;
        CREATE TABLE secret (id int PRIMARY KEY); ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
        CREATE TABLE root (id int PRIMARY KEY, v text) PARTITION BY RANGE (id); CREATE TABLE leaf PARTITION OF root DEFAULT;
        INSERT INTO root SELECT 1, string_agg(md5(n::text), '') FROM generate_series(1, 300) n;
        CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent);
        """;

    private const string BadTarget =
        """
        CREATE SCHEMA analytics; CREATE TABLE analytics.other (id int PRIMARY KEY);
        CREATE TABLE analytics.keyless (id int, must int NOT NULL);
        CREATE TABLE analytics.later (id int PRIMARY KEY REFERENCES analytics.other, x int UNIQUE, EXCLUDE (x WITH =));
        CREATE FUNCTION analytics.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER t BEFORE INSERT ON analytics.later FOR EACH ROW EXECUTE FUNCTION analytics.f();
        CREATE RULE r AS ON DELETE TO analytics.later DO INSTEAD NOTHING;
        CREATE UNLOGGED TABLE analytics.silent (id int PRIMARY KEY);
        CREATE TABLE analytics.fast (id int PRIMARY KEY); CREATE TABLE analytics.heir () INHERITS (analytics.fast);
        CREATE TABLE analytics.named (id text PRIMARY KEY, n smallint NOT NULL);
        CREATE TABLE analytics.long (id bigint PRIMARY KEY, v text, n int);
        CREATE TABLE analytics.secret (id boolean PRIMARY KEY);
        """;

    [Fact]
    public async Task The_script_cures_everything_but_what_it_says_no_SQL_can()
    {
        await using var source = await servers.CreateDatabaseAsync();
        await using var target = await servers.CreateDatabaseAsync();
        await source.ExecuteAsync(BadSource);
        await target.ExecuteAsync(BadTarget);
        var role = await CheckedRole.CreateAsync(source);
        await source.ExecuteAsync($"GRANT SELECT ON long TO {role.Name}");
        await role.AlterAsync("SET statement_timeout = '1h'");
        await role.AlterAsync("SET wal_sender_timeout = '5s'");
        TableList tables = new(
            [
                Define("shut.away", "analytics.away") with { Columns = [new() { From = "id", To = "id", Type = "int" }], Key = ["id"] },
                Define("keyless") with { Key = ["id"] },
                .. new[] { "later", "named", "silent", "fast", "long", "secret", "root", "parent" }.Select(name => Define(name)),
            ],
            []);
        var job = new PreflightJob(role.In(source), role.In(target), new PreflightSettings());

        var before = await job.RunAsync(tables, TestContext.Current.CancellationToken);
        var script = FixScript.Of(before);
        var parts = script.Split("\\connect");
        await source.ExecuteAsync(parts[1][parts[1].IndexOf('\n', StringComparison.Ordinal)..]);
        await target.ExecuteAsync(parts[2][parts[2].IndexOf('\n', StringComparison.Ordinal)..]);
        var after = await job.RunAsync(tables, TestContext.Current.CancellationToken);

        Assert.Equal(
            "wal-sender-timeout replication-right session-timeouts heartbeat-schema marker-table ddl-capture table-rights row-security "
            + "unlogged partitioned inheritance primary-key deferrable-key large-key logged-key replica-identity numeric-scale "
            + "not-measured target-rights target-key target-not-null target-constraints target-types target-missing",
            string.Join(' ', before.Findings.Select(finding => finding.Check).Distinct()));
        Assert.Equal(
            [
                "partitioned public.root", "inheritance public.parent", "target-types public.secret", "target-missing public.root",
                "target-missing public.parent",
            ],
            after.Findings.Where(finding => finding.Severity is not FindingSeverity.Warns)
                .Select(finding => $"{finding.Check} {finding.Table}"));
        Assert.All(
            after.Findings.Where(finding => finding.Severity is not FindingSeverity.Warns),
            finding => Assert.Contains(
                $"{(finding.IsChoice ? "To be chosen" : "By hand")}. {finding.Reason[..40]}", script, StringComparison.Ordinal));
        // The audit of DDL works for a table of anybody.
        await source.ExecuteAsync("CREATE TABLE public.audited (id int)");
    }

    [Fact]
    public async Task A_role_with_hardly_any_right_gets_findings()
    {
        await using var source = await servers.CreateDatabaseAsync();
        await source.ExecuteAsync("CREATE SCHEMA shut; CREATE TABLE shut.away (id int PRIMARY KEY, v text, n numeric)");
        var role = await CheckedRole.CreateAsync(source);
        await source.ExecuteAsync("REVOKE USAGE ON SCHEMA public FROM PUBLIC");

        var report = await new PreflightJob(role.In(source), role.In(source), new PreflightSettings())
            .RunAsync(new TableList([Define("shut.away")], [new TableFault("[1]", "It is bad.")]), TestContext.Current.CancellationToken);

        Assert.Equal(
            ["definition", "replication-right", "heartbeat-schema", "marker-table", "ddl-capture", "table-rights", "replica-identity",
                "numeric-scale", "not-measured", "target-rights", "target-missing"],
            report.Findings.Select(finding => finding.Check).Distinct());
        Assert.False(report.IsClean);
    }

    [Fact]
    public async Task Reading_values_ends_in_time_and_is_told()
    {
        await using var source = await servers.CreateDatabaseAsync();
        await source.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE u (LIKE t INCLUDING ALL)");
        await source.ExecuteAsync("INSERT INTO t SELECT n, 'x' FROM generate_series(1, 1000000) n");

        var report = await new PreflightJob(
            source.ConnectionString, null, new PreflightSettings { MeasuringTime = TimeSpan.FromMilliseconds(30) })
            .RunAsync(new TableList([Define("t"), Define("u")], []), TestContext.Current.CancellationToken);

        var told = report.Findings.Where(finding => finding.Check == "not-measured").ToList();
        Assert.Equal(["public.t", "public.u"], told.Select(finding => finding.Table));
        Assert.Contains("reading it takes more than", told[0].Reason, StringComparison.Ordinal);
        Assert.Contains("the time for it was over", told[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_somebody_has_for_himself_hides_no_other()
    {
        await using var source = await servers.CreateDatabaseAsync();
        await source.ExecuteAsync(
            "CREATE TABLE kept (id int PRIMARY KEY, v text); CREATE TABLE free (id int PRIMARY KEY, n numeric); "
            + "INSERT INTO free VALUES (1, 0.1234567)");
        await using var other = await source.OpenAsync();
        await using var rewriting = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var rewrite = other.CreateCommand();
        rewrite.CommandText = "TRUNCATE kept";
        await rewrite.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var report = await new PreflightJob(source.ConnectionString, null, new PreflightSettings())
            .RunAsync(new TableList([Define("kept"), Define("free")], []), TestContext.Current.CancellationToken);

        Assert.Equal(
            ["public.kept replica-identity Warns", "public.free numeric-scale Loses", "public.kept not-measured Warns"],
            report.Findings.Where(finding => finding.Table is not null)
                .Select(finding => $"{finding.Table} {finding.Check} {finding.Severity}"));
    }

    private static TableDefinition Define(string table, string? target = null) => new()
    {
        Schema = table.Contains('.', StringComparison.Ordinal) ? table.Split('.')[0] : "public",
        Name = table.Split('.')[^1],
        Target = target ?? $"analytics.{table.Split('.')[^1]}",
    };
}
