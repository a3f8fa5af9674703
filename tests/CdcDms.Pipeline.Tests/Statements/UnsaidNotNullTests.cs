namespace CdcDms.Pipeline.Tests.Statements;

/// <summary>A column of the target that may not be NULL, of which an update says nothing.</summary>
public sealed class UnsaidNotNullTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData(LobUpdates.Trust, "")]
    [InlineData(LobUpdates.KeepOnNull, ", NULL::VARCHAR AS extra")]
    public async Task An_update_that_says_nothing_about_a_column_that_is_not_null_is_applied(LobUpdates lobs, string unsaid)
    {
        var docs = People with { Columns = null, Key = null, LobUpdates = lobs };
        await TargetAsync("id integer PRIMARY KEY, name text, extra text NOT NULL");
        await Lake.CdcAsync(docs, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name, 'x' AS extra");
        await MergeAsync(docs);
        await Lake.CdcAsync(docs, $"SELECT 'U' AS op, 2 AS v, 1 AS id, 'eve' AS name{unsaid}");

        await MergeAsync(docs);

        await AssertAnswerAsync<string>("eve x", "SELECT concat_ws(' ', name, extra) FROM analytics.people");
    }
}
