namespace CdcDms.Pipeline.Tests.Statements;

/// <summary>Keys that are different in the files and one in the target, because the definition wants them cast.</summary>
public sealed class CastKeyTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData("date", "TIMESTAMP '2026-01-01 01:00:00'", "TIMESTAMP '2026-01-01 02:00:00'")]
    [InlineData("date", "TIMESTAMPTZ '2026-01-01 01:00:00Z'", "TIMESTAMPTZ '2026-01-01 02:00:00Z'")]
    [InlineData("smallint", "1.2::REAL", "1.3::REAL")]
    [InlineData("integer", "1.2::DOUBLE", "1.3::DOUBLE")]
    [InlineData("bigint", "1.2::DECIMAL(10, 2)", "1.3::DECIMAL(10, 2)")]
    [InlineData("boolean", "1", "2")]
    public async Task Keys_that_the_cast_makes_one_are_one_row(string type, string first, string second)
    {
        var cast = People with
        {
            Columns = [new() { From = "id", To = "id", Type = type }, new() { From = "name", To = "name", Type = "text" }],
        };
        await Lake.CdcAsync(cast, $"SELECT 'I' AS op, 1 AS v, {first} AS id, 'a' AS name UNION ALL SELECT 'I', 2, {second}, 'b'");

        await MergeAsync(cast);

        await AssertAnswerAsync<string>("b", "SELECT string_agg(name, ' ') FROM analytics.people");
    }
}
