using CdcDms.Contract;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>What describe writes is accepted by every other verb; what it leaves out it tells.</summary>
public sealed class DescribeTests(TestServers servers) : AsideFixture(servers)
{
    [Fact]
    public async Task What_is_described_can_be_captured_merged_and_compared_and_the_rest_is_told()
    {
        await Source.ExecuteAsync("""
            CREATE TABLE keyless (id integer); CREATE UNLOGGED TABLE unlogged (id integer PRIMARY KEY);
            CREATE TABLE computed (a integer, b integer GENERATED ALWAYS AS (a * 2) STORED, v text, PRIMARY KEY (a, b));
            CREATE TABLE later (id integer PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, v text);
            CREATE TABLE silent (id integer PRIMARY KEY); ALTER TABLE silent REPLICA IDENTITY NOTHING;
            CREATE TABLE reserved (id integer PRIMARY KEY, op text); CREATE TABLE ours (id integer PRIMARY KEY, _cdc_version text);
            CREATE TABLE cases (id integer PRIMARY KEY, "Id" text); CREATE TABLE "a/b" (id integer PRIMARY KEY);
            CREATE TABLE included (id integer, v text, PRIMARY KEY (id) INCLUDE (v)); INSERT INTO included VALUES (1, 'a');
            DO $$ BEGIN EXECUTE (
                SELECT 'CREATE TABLE wide (id integer PRIMARY KEY, ' || string_agg('c' || n || ' integer', ', ') || ')'
                FROM generate_series(1, 1598) n); END $$
            """);

        var (exitCode, output, errors) = await RunAsync("describe", "--source", Source.ConnectionString);

        Assert.Equal(0, exitCode);
        Assert.Equal(
            ["public.accounts", "public.entries", "public.included"],
            ContractJson.ParseTables(output, "describe").Select(table => table.Source.ToString()));
        var told = errors.TrimEnd().Split('\n');
        Assert.All(told, line => Assert.StartsWith("Left out: ", line, StringComparison.Ordinal));
        foreach (var name in (string[])
                 ["keyless", "unlogged", "computed", "later", "silent", "reserved", "ours", "cases", "a/b", "wide"])
            Assert.Single(told, line => line.Contains($"public.{name} ", StringComparison.Ordinal));
        Assert.Equal(10, told.Length);

        await File.WriteAllTextAsync(Definitions, output);
        await ArrivesIdenticalAsync();
    }

    [Fact]
    public async Task A_partition_is_described_where_it_is_named_and_else_its_root()
    {
        await Source.ExecuteAsync(
            "CREATE TABLE parts (id integer PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE part PARTITION OF parts DEFAULT");

        var named = await RunAsync("describe", "--source", Source.ConnectionString, "--table", "public.part");
        var all = await RunAsync("describe", "--source", Source.ConnectionString);

        Assert.Equal((0, ""), (named.ExitCode, named.Errors));
        Assert.Equal("public.part", Assert.Single(ContractJson.ParseTables(named.Output, "describe")).Source.ToString());
        Assert.Equal(
            ["public.accounts", "public.entries", "public.parts"],
            ContractJson.ParseTables(all.Output, "describe").Select(table => table.Source.ToString()));
    }

    [Fact]
    public async Task A_table_that_is_named_and_not_described_is_a_failure_and_the_others_are_described()
    {
        await Source.ExecuteAsync("CREATE TABLE keyless (id integer)");

        var some = await RunAsync(
            "describe", "--source", Source.ConnectionString, "--table", "public.accounts", "public.keyless", "public.missing");
        var missing = await RunAsync("describe", "--source", Source.ConnectionString, "--table", "public.missing");
        var target = await RunAsync("describe", "--source", Source.ConnectionString, "--table", "analytics.accounts");
        await using var empty = await Servers.CreateDatabaseAsync();
        var none = await RunAsync("describe", "--source", empty.ConnectionString);

        Assert.Equal(1, some.ExitCode);
        Assert.Equal("public.accounts", Assert.Single(ContractJson.ParseTables(some.Output, "describe")).Source.ToString());
        Assert.Contains(
            "Left out: The source database has no table public.missing; it has public.accounts", some.Errors, StringComparison.Ordinal);
        Assert.Contains("Left out: Table public.keyless has no primary key", some.Errors, StringComparison.Ordinal);
        Assert.Contains(
            " A table is described by its name at the source, not by its target's: if it is the one that is meant, write public.accounts.",
            target.Errors, StringComparison.Ordinal);
        Assert.EndsWith("No table is described: --table names none that can be captured.", missing.Errors.Trim(), StringComparison.Ordinal);
        Assert.Equal(
            (1, "[]", "No table is described: the source database has none that can be captured."),
            (none.ExitCode, none.Output.Trim(), none.Errors.Trim()));
    }
}
