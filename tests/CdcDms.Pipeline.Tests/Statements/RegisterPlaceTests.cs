namespace CdcDms.Pipeline.Tests.Statements;

/// <summary>Registers tell columns by their places, which the ledger keeps.</summary>
public sealed class RegisterPlaceTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly TableDefinition Docs = People with
    {
        LobUpdates = LobUpdates.KeepOnNull,
        Columns =
        [
            new() { From = "id", To = "id", Type = "integer" },
            new() { From = "name", To = "name", Type = "text" }, new() { From = "body", To = "body", Type = "text" },
        ],
    };

    // The new column stands before the older ones.
    private static readonly TableDefinition More = Docs with
    {
        Columns =
        [
            new() { From = "id", To = "id", Type = "integer" }, new() { From = "anew", To = "anew", Type = "text" },
            new() { From = "name", To = "name", Type = "text" }, new() { From = "body", To = "body", Type = "text" },
        ],
    };

    [Fact]
    public async Task A_column_that_comes_later_leaves_the_versions_of_the_others_as_they_are()
    {
        await Lake.CdcAsync(Docs, "SELECT 'I' AS op, 2 AS v, 1 AS id, 'two' AS name, 'two' AS body");
        await Lake.CdcAsync(Docs, "SELECT 'U' AS op, 5 AS v, 1 AS id, NULL AS name, 'five' AS body");
        await MergeAsync(Docs);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people ADD COLUMN anew text");
        await Lake.CdcAsync(More, "SELECT 'U' AS op, 6 AS v, 1 AS id, 'six' AS anew, NULL AS name, NULL AS body");
        await Lake.CdcAsync(More, "SELECT 'U' AS op, 4 AS v, 1 AS id, 'four' AS anew, 'four' AS name, 'four' AS body");
        await MergeAsync(More, batchBytes: 1);

        await AssertAnswerAsync<string>("six four five", "SELECT concat_ws(' ', anew, name, body) FROM analytics.people");
        await AssertAnswerAsync<string>("{name,body,anew}", "SELECT register_columns::text FROM cdc.tables");
    }

    [Fact]
    public async Task Registers_of_another_ledger_are_refused_and_not_misread()
    {
        await Lake.CdcAsync(Docs, "SELECT 'I' AS op, 2 AS v, 1 AS id, 'two' AS name, 'two' AS body");
        await Lake.CdcAsync(Docs, "SELECT 'U' AS op, 5 AS v, 1 AS id, NULL AS name, 'five' AS body");
        await MergeAsync(Docs);
        await Analytics.ExecuteAsync("DELETE FROM cdc.files; UPDATE cdc.tables SET register_columns = DEFAULT");

        var refused = await Assert.ThrowsAsync<CdcDmsException>(() => MergeAsync(Docs));

        Assert.Equal(ErrorKind.BadDefinition, refused.Kind);
        Assert.Contains("restore the schema cdc together with the table", refused.Message, StringComparison.Ordinal);
        await AssertAnswerAsync<string>("two five", "SELECT concat_ws(' ', name, body) FROM analytics.people");
    }

    [Fact]
    public async Task A_target_that_is_made_anew_gives_its_columns_new_places()
    {
        await Lake.CdcAsync(Docs, "SELECT 'I' AS op, 2 AS v, 1 AS id, 'two' AS name, 'two' AS body");
        await Lake.CdcAsync(Docs, "SELECT 'U' AS op, 5 AS v, 1 AS id, NULL AS name, 'five' AS body");
        await MergeAsync(Docs);
        await Analytics.ExecuteAsync("DROP TABLE analytics.people");
        await MergeAsync(More);

        await AssertAnswerAsync<string>("two five", "SELECT concat_ws(' ', anew, name, body) FROM analytics.people");
        await AssertAnswerAsync<string>("{anew,name,body}", "SELECT register_columns::text FROM cdc.tables");
    }
}
