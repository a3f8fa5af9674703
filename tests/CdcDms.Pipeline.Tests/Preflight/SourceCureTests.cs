using CdcDms.Pipeline.Preflight;

namespace CdcDms.Pipeline.Tests.Preflight;

/// <summary>A cure of the source takes nothing away and does not fail; where it would, somebody has to choose.</summary>
public sealed class SourceCureTests(TestServers servers)
{
    private const string Source =
        """
        CREATE COLLATION "of mine" (locale = 'C'); CREATE DOMAIN code AS text CHECK (VALUE <> '');
        CREATE TABLE collated (id text COLLATE "of mine" PRIMARY KEY DEFAULT 'a', n numeric, CHECK (id <> ''));
        ALTER TABLE collated ALTER id SET STORAGE EXTERNAL, ALTER id SET COMPRESSION pglz, ALTER n SET STORAGE EXTERNAL;
        CREATE UNIQUE INDEX ON collated (lower(id)); CREATE TABLE referring (id text REFERENCES collated);
        CREATE TABLE of_domain (id code PRIMARY KEY);
        CREATE TABLE viewed (id text PRIMARY KEY, n numeric); CREATE VIEW v AS SELECT id, n FROM viewed;
        CREATE TABLE computing (id text PRIMARY KEY, l int GENERATED ALWAYS AS (length(id)) STORED);
        CREATE TABLE guarded (id text PRIMARY KEY); CREATE POLICY p ON guarded USING (id <> 'x');
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TABLE watched (id text PRIMARY KEY);
        CREATE TRIGGER t BEFORE UPDATE OF id ON watched FOR EACH ROW EXECUTE FUNCTION f();
        CREATE TABLE filtered (id text PRIMARY KEY); CREATE PUBLICATION few FOR TABLE filtered WHERE (id > 'b');
        CREATE TABLE called (id text PRIMARY KEY);
        CREATE FUNCTION ids() RETURNS text LANGUAGE sql RETURN (SELECT max(id) FROM called);
        CREATE TABLE typed (id text PRIMARY KEY); CREATE TABLE holding (t typed[]);
        CREATE TABLE root (id text PRIMARY KEY) PARTITION BY LIST (id); CREATE TABLE leaf PARTITION OF root DEFAULT;
        CREATE TABLE expressed (id text NOT NULL) PARTITION BY LIST (lower(id)); CREATE TABLE low PARTITION OF expressed DEFAULT;
        ALTER TABLE low ADD PRIMARY KEY (id);
        CREATE TABLE later (id int, v int, PRIMARY KEY (id) INCLUDE (v) DEFERRABLE INITIALLY DEFERRED);
        CREATE UNLOGGED TABLE parent (id int PRIMARY KEY); CREATE UNLOGGED TABLE child (id int PRIMARY KEY REFERENCES parent);
        CREATE TABLE keyless (id int NOT NULL, part int) PARTITION BY RANGE (part);
        INSERT INTO collated (n) VALUES (0.1234567); INSERT INTO viewed VALUES ('a', 0.1234567);
        """;

    private const string Collated =
        """
        SELECT concat_ws(' ', format_type(atttypid, atttypmod), attcollation::regcollation, attstorage, attcompression)
        FROM pg_attribute WHERE attrelid = 'collated'::regclass AND attname =
        """;

    private static readonly string[] Refusing =
        ["viewed", "computing", "guarded", "watched", "filtered", "called", "typed"];

    [Fact]
    public async Task Collation_and_storage_stay_and_what_cannot_be_altered_is_not()
    {
        await using var source = await servers.CreateDatabaseAsync();
        await source.ExecuteAsync(Source);
        string[] others = ["collated", "of_domain", "root", "leaf", "low", "later", "keyless", "child"];
        var all = Refusing.Concat(others).Select(name => new TableDefinition
        {
            Schema = "public",
            Name = name,
            Target = $"analytics.{name}",
            Key = name == "keyless" ? ["id"] : null,
        }).ToList();
        var job = new PreflightJob(source.ConnectionString, null, new PreflightSettings());

        var report = await job.RunAsync(new TableList(all, []), TestContext.Current.CancellationToken);
        await source.ExecuteAsync(FixScript.Of(report).Replace(@"\set ON_ERROR_STOP on", "", StringComparison.Ordinal));

        Finding Key(string table) =>
            report.Findings.Single(finding => finding.Table == $"public.{table}" && finding.Check == "large-key");
        Assert.Equal("character varying \"of mine\" e p", await source.ScalarAsync<string>(Collated + "'id'"));
        Assert.StartsWith("numeric(38,7)", await source.ScalarAsync<string>(Collated + "'n'"), StringComparison.Ordinal);
        Assert.False(Key("collated").IsChoice);
        foreach (var name in Refusing)
        {
            Assert.True(Key(name).IsChoice, name);
            // The statement is indeed one that PostgreSQL refuses.
            await Assert.ThrowsAsync<Npgsql.PostgresException>(() => source.ExecuteAsync(Assert.Single(Key(name).Sql)));
        }

        Assert.Equal(
            "PostgreSQL refuses it while there is the view v: drop that before, and make it again afterwards.", Key("viewed").ByHand);
        Assert.Contains("the generated column l of table computing", Key("computing").ByHand, StringComparison.Ordinal);
        Assert.Equal((true, "It takes the domain code away from the column."), (Key("of_domain").IsChoice, Key("of_domain").ByHand));
        Assert.All(["root", "leaf", "low"], name => Assert.Empty(Key(name).Sql));
        Assert.Contains("partition key of root", Key("root").ByHand, StringComparison.Ordinal);
        Assert.Equal(
            "PRIMARY KEY (id) INCLUDE (v)",
            await source.ScalarAsync<string>("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'later_pkey'"));
        Assert.EndsWith(
            "DEFERRABLE INITIALLY DEFERRED",
            report.Findings.Single(finding => finding.Check == "deferrable-key").Undo.Single(), StringComparison.Ordinal);
        Assert.Empty(report.Findings.Single(finding => finding.Check == "primary-key").Sql);
        var unlogged = report.Findings.Single(finding => finding.Check == "unlogged");
        Assert.Contains("refers to parent", unlogged.ByHand, StringComparison.Ordinal);
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => source.ExecuteAsync(Assert.Single(unlogged.Sql)));
    }
}
