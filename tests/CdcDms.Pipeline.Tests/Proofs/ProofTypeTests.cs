using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>Values and keys of many types come back as they are.</summary>
public sealed class ProofTypeTests(TestServers servers) : ProofFixture(servers)
{
    private const string Types =
        "CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree; CREATE TYPE mood AS ENUM ('sad', 'it''s \"ok\"'); "
        + "CREATE TYPE pair AS (a integer, b text); CREATE DOMAIN price AS numeric(8,2) CHECK (VALUE > 0); "
        + "CREATE SCHEMA \"odd \"\"one\"; CREATE TYPE \"odd \"\"one\".\"e x\" AS ENUM ('a', 'b')";

    [Theory]
    [InlineData("bit(4)", "1010")]
    [InlineData("bit varying(9)", "10101")]
    [InlineData("char(4)", "a")]
    [InlineData("\"char\"", "x")]
    [InlineData("name", "abc")]
    [InlineData("inet", "10.0.0.1/8")]
    [InlineData("interval", "-1 year -2 mons +3 days -04:05:06.789")]
    [InlineData("interval day to second(2)", "3 days 04:05:06.78")]
    [InlineData("timetz", "23:59:59.999999-15:59")]
    [InlineData("timestamptz", "4713-01-01 00:00:00+00 BC")]
    [InlineData("date", "infinity")]
    [InlineData("real", "1e-38")]
    [InlineData("double precision", "-0")]
    [InlineData("numeric", "NaN")]
    [InlineData("numeric(5,-2)", "12300")]
    [InlineData("money", "-1234.56")]
    [InlineData("mood", "it's \"ok\"")]
    [InlineData("mood[]", "{sad,\"it's \\\"ok\\\"\"}")]
    [InlineData("pair", "(1,\"a,b\")")]
    [InlineData("price", "1.50")]
    [InlineData("\"odd \"\"one\".\"e x\"", "b")]
    [InlineData("int4range", "[1,5)")]
    [InlineData("numeric[]", "[0:1]={1.50,NULL}")]
    [InlineData("citext", "Abc")]
    [InlineData("ltree", "a.b")]
    [InlineData("pg_lsn", "16/B374D848")]
    [InlineData("uuid[]", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}")]
    [InlineData("text", "\\x00 {\"a\": 1} \\\\ \u0001 '")]
    public async Task A_key_and_a_value_of_a_type_are_repaired_and_then_proven(string type, string value)
    {
        var text = value.Replace("'", "''", StringComparison.Ordinal);
        await Source.ExecuteAsync(
            $"{Types}; CREATE TABLE things (id {type} PRIMARY KEY, x {type}); INSERT INTO things VALUES ('{text}', '{text}')");
        await Analytics.ExecuteAsync(
            $"{Types}; CREATE SCHEMA analytics; CREATE TABLE analytics.things (id {type} PRIMARY KEY, x {type}, z integer)");
        var table = new TableDefinition { Schema = "public", Name = "things", Target = "analytics.things" };
        await Analytics.ExecuteAsync($"INSERT INTO analytics.things VALUES ('{text}', NULL)");
        await Lake.CdcAsync(table, "SELECT 'D' AS op, 1 AS v, '' AS id WHERE false");
        await MergeAsync(table);
        await Source.ExecuteAsync("ALTER TABLE things ADD z integer");

        var full = await Proofs.AskAllAsync(table, new ProofRepair(), CancellationToken.None);
        Assert.Equal((1, 1), (full.Compared.Changed, full.Keys));
        await MarkersAsync(2, 100, 200);
        await MergeAsync(table);
        Assert.Equal("Different 0 0 1 ", $"{await OutcomeAsync(2)} {await CauseAsync()}");
        Assert.Equal(
            await Source.ScalarAsync<string>("SELECT id::text || '|' || x::text FROM things"),
            await Analytics.ScalarAsync<string>("SELECT id::text || '|' || x::text FROM analytics.things"));

        Assert.Empty((await Proofs.AskAllAsync(table, null, CancellationToken.None)).Proofs);
        var again = await AskKeysAsync(table, repairs: true, [value]);
        await MarkersAsync(again, 300, 400);
        await MergeAsync(table);
        Assert.Equal("Proven 0 0 0", await OutcomeAsync(again));

        await Source.ExecuteAsync("DELETE FROM things");
        var gone = await AskKeysAsync(table, repairs: true, [value]);
        await MarkersAsync(gone, 500, 600);
        await MergeAsync(table);
        Assert.Equal("Different 0 0 1", await OutcomeAsync(gone));
        await AssertAnswerAsync<long>(0, "SELECT count(*) FROM analytics.things");
    }
}
