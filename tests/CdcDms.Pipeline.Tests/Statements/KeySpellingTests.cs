using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Tests.Statements;

/// <summary>
/// Some types hold values equal that are written differently. The target has a key as PostgreSQL would have it after the same upserts in
/// the order of their versions, each of which writes every column.
/// </summary>
public sealed class KeySpellingTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData("double precision", "DOUBLE", "0", "-0")]
    [InlineData("double precision", "DOUBLE", "-0", "0")]
    [InlineData("numeric", "VARCHAR", "1.0", "1.00")]
    [InlineData("interval", "VARCHAR", "30 days", "1 mon")]
    [InlineData("double precision[]", "VARCHAR", "{0,1}", "{-0,1}")]
    public async Task A_key_is_spelt_as_by_its_newest_change_in_whatever_order_changes_come(
        string type, string fileType, string first, string second)
    {
        await Analytics.ExecuteAsync($"CREATE SCHEMA analytics; CREATE TABLE oracle (k {type} PRIMARY KEY, n integer)");
        string[] spellings = [first, second];
        foreach (var (n, spelling) in spellings.Index())
            await Analytics.ExecuteAsync(
                $"INSERT INTO oracle VALUES ('{spelling}', {n}) ON CONFLICT (k) DO UPDATE SET k = EXCLUDED.k, n = EXCLUDED.n");
        var expected = await Analytics.ScalarAsync<string>("SELECT k::text || '=' || n FROM oracle");
        (int[][] Files, bool IsSoft)[] ways =
        [
            ([[0, 1]], false), ([[1, 0]], true), ([[0], [1]], true), ([[1], [0]], false), ([[1], [0]], true),
        ];

        foreach (var (number, (files, isSoft)) in ways.Index())
        {
            var table = Table($"t{number}", type) with
            {
                Deletes = isSoft ? DeleteMode.Soft : DeleteMode.Hard,
                LobUpdates = isSoft ? LobUpdates.KeepOnNull : LobUpdates.Trust,
            };
            foreach (var changes in files)
            {
                await Lake.CdcAsync(table, string.Join(" UNION ALL ", changes.Select(n =>
                    $"SELECT 'I' AS op, {n + 1} AS v, '{spellings[n]}'::{fileType} AS k, {n} AS n, '{{}}' AS doc")));
                await MergeAsync(table);
            }

            await AssertAnswerAsync(expected, $"SELECT string_agg(k::text || '=' || n, ' ') FROM {table.Target}");
        }
    }

    [Theory]
    [InlineData("DOUBLE", "double precision")]
    [InlineData("FLOAT", "real")]
    public async Task Zero_keeps_its_sign_on_every_way_into_the_target(string fileType, string type)
    {
        var table = Table("zeros", type) with { Key = ["k", "n"] };
        string Rows(string other) => $"'-0'::{fileType} AS k, {other} AS n, '{{}}' AS doc UNION ALL SELECT ";
        await Lake.LoadAsync(table, 1, $"SELECT {Rows("1")}{Rows("2")}'0'::{fileType}, 3, NULL");
        await MergeAsync(table);
        await Lake.CdcAsync(
            table, $"SELECT * FROM (VALUES ('I', 1, '-0'::{fileType}, 4, '{{}}'), ('D', 2, '0', 1, NULL), ('U', 3, '-0', 3, '1'), "
                + "('I', 4, 'NaN', 5, NULL)) t(op, v, k, n, doc)");
        await MergeAsync(table);

        await AssertAnswerAsync<string>("2:-0 3:-0 4:-0 5:NaN", "SELECT string_agg(n || ':' || k, ' ' ORDER BY n) FROM analytics.zeros");
    }

    [Theory]
    [InlineData("double precision", "'5e-324'::DOUBLE;'-5e-324'::DOUBLE;'inf'::DOUBLE;0.1::DOUBLE", "5e-324;-5e-324;Infinity;0.1")]
    [InlineData("real", "'1.4e-45'::FLOAT;'-inf'::FLOAT;3.4028235e38::FLOAT", "1e-45;-Infinity;3.4028235e+38")]
    [InlineData("bytea", "'\\x00\\x01\\xFE\\xFF'::BLOB;''::BLOB;'\\xFF\\x00'::BLOB", "\\x0001feff;\\x;\\xff00")]
    [InlineData("text", "chr(1) || 'ÿ😀' || chr(1114111);'';' a '", "\u0001ÿ😀\U0010FFFF;; a ")]
    [InlineData("numeric", "(-1.5)::DECIMAL(38,20);12345678901234567.00000000000000000001::DECIMAL(38,20)",
        "-1.50000000000000000000;12345678901234567.00000000000000000001")]
    [InlineData("timestamptz", "TIMESTAMP '0044-03-15 (BC) 00:00:00.000001';TIMESTAMP '9999-12-31 23:59:59.999999'",
        "0044-03-15 00:00:00.000001+00 BC;9999-12-31 23:59:59.999999+00")]
    [InlineData("boolean", "false;true", "false;true")]
    public async Task Keys_arrive_as_they_are_whatever_orders_them(string type, string values, string texts)
    {
        var table = Table("extremes", type);
        await Lake.LoadAsync(table, 1, string.Join(" UNION ALL ", values.Split(';').Select((value, n) =>
            $"SELECT {value} AS k, {n} AS n, '{{}}' AS doc")));

        await MergeAsync(table);

        await using var connection = await Database.OpenAsync(Analytics.ConnectionString, "test", CancellationToken.None);
        Assert.Equal(texts, await connection.ScalarAsync<string>(
            "SELECT string_agg(k::text, ';' ORDER BY n) FROM analytics.extremes", CancellationToken.None));
    }

    private static TableDefinition Table(string name, string keyType) => new()
    {
        Schema = "public",
        Name = name,
        Target = $"analytics.{name}",
        Key = ["k"],
        Columns =
        [
            new() { From = "k", To = "k", Type = keyType }, new() { From = "n", To = "n", Type = "integer" },
            new() { From = "doc", To = "doc", Type = "jsonb" },
        ],
    };
}
