using CdcDms.Pipeline.Preflight;

namespace CdcDms.Pipeline.Tests.Preflight;

/// <summary>What the script drops of a target can be put back from its comments.</summary>
public sealed class TargetCureTests(TestServers servers)
{
    private const string Target =
        """
        CREATE SCHEMA analytics; CREATE SCHEMA other; SET search_path = analytics;
        CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE log (id int);
        CREATE TABLE t (id int PRIMARY KEY, x int REFERENCES parent ON DELETE CASCADE DEFERRABLE, y int UNIQUE, z int, p point,
            EXCLUDE USING gist (p WITH ~=) WHERE (id > 0));
        CREATE UNIQUE INDEX "z only" ON t (z DESC) WHERE z > 0;
        CREATE TABLE other.facts (t int REFERENCES t (y)) PARTITION BY LIST (t); CREATE TABLE other.rest PARTITION OF other.facts DEFAULT;
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER fires BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.x > 1) EXECUTE FUNCTION f('a');
        CREATE TRIGGER always AFTER DELETE ON t EXECUTE FUNCTION f(); ALTER TABLE t ENABLE ALWAYS TRIGGER always;
        CREATE RULE logs AS ON UPDATE TO t DO ALSO INSERT INTO log VALUES (NEW.id);
        CREATE TABLE child () INHERITS (t);
        CREATE TABLE grouped (id int PRIMARY KEY, code int NOT NULL, v text);
        CREATE VIEW groups AS SELECT id, v FROM grouped GROUP BY id;
        """;

    private const string Shape =
        """
        SELECT string_agg(line, E'\n' ORDER BY line) FROM (
          SELECT conrelid::regclass || conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE contype IN ('f', 'x', 'u', 'p')
          UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'analytics.t'::regclass
          UNION ALL SELECT concat(pg_get_triggerdef(oid), tgenabled) FROM pg_trigger WHERE NOT tgisinternal
          UNION ALL SELECT pg_get_ruledef(oid) FROM pg_rewrite WHERE ev_class = 'analytics.t'::regclass
          UNION ALL SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'analytics.t'::regclass) s (line)
        """;

    [Fact]
    public async Task What_is_dropped_stands_before_its_drop_and_makes_the_target_what_it_was()
    {
        await using var source = await servers.CreateDatabaseAsync();
        await using var target = await servers.CreateDatabaseAsync();
        await source.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, x int, y int, z int, p point); CREATE TABLE grouped (code int)");
        await target.ExecuteAsync(Target);
        var before = await target.ScalarAsync<string>(Shape);
        TableDefinition[] tables =
        [
            new() { Schema = "public", Name = "t", Target = "analytics.t" },
            new() { Schema = "public", Name = "grouped", Target = "analytics.grouped", Key = ["code"] },
        ];

        var report = await new PreflightJob(source.ConnectionString, target.ConnectionString, new PreflightSettings())
            .RunAsync(new TableList(tables, []), TestContext.Current.CancellationToken);
        var cures = report.Findings.Where(finding => finding.Database is CheckedDatabase.Analytics).ToList();
        var script = FixScript.Of(report);
        var drops = cures.Where(finding => finding is { Check: "target-constraints", IsChoice: false }).ToList();
        foreach (var finding in drops)
            await target.ExecuteAsync(Assert.Single(finding.Sql));

        Assert.Equal(9, drops.Count);
        Assert.NotEqual(before, await target.ScalarAsync<string>(Shape));
        Assert.All(drops, finding =>
        {
            var undo = Assert.Single(finding.Undo).ReplaceLineEndings("\n-- ");
            Assert.Contains($"\n-- {undo};\n{finding.Sql[0]};\n", script, StringComparison.Ordinal);
        });
        foreach (var finding in drops.AsEnumerable().Reverse())
            await target.ExecuteAsync(finding.Undo[0]);
        Assert.Equal(before, await target.ScalarAsync<string>(Shape));

        // The key that a view groups by cannot be dropped under it.
        var grouped = cures.Single(finding => finding is { Table: "public.grouped", Check: "target-constraints" });
        Assert.Equal(
            (true, "PostgreSQL refuses the statement as things are: the view analytics.groups needs it."),
            (grouped.IsChoice, grouped.ByHand));
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => target.ExecuteAsync(grouped.Sql[0]));
    }
}
