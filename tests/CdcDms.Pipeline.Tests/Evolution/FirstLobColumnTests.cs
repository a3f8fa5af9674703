namespace CdcDms.Pipeline.Tests.Evolution;

/// <summary>A table whose first column that an update may leave out comes with a file.</summary>
public sealed class FirstLobColumnTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly TableDefinition Keeping = Bare with { LobUpdates = LobUpdates.KeepOnNull };

    [Theory]
    [InlineData(1L << 30, false)]
    [InlineData(1L, false)]
    [InlineData(1L, true)]
    public async Task The_value_stays_that_an_update_leaves_out_whatever_comes_first(long batchBytes, bool reversed)
    {
        await TargetAsync("id integer PRIMARY KEY, rank integer");
        await Lake.CdcAsync(Keeping, "SELECT 'I' AS op, 1 AS v, 9 AS id, 1 AS rank");
        await MergeAsync(Keeping);
        string[] files = ["SELECT 'I' AS op, 2 AS v, 1 AS id, 1 AS rank, 'big' AS body",
            "SELECT 'U' AS op, 3 AS v, 1 AS id, 2 AS rank, NULL::VARCHAR AS body"];
        foreach (var file in reversed ? files.Reverse() : files)
        {
            await Lake.CdcAsync(Keeping, file);
            if (reversed)
                await MergeAsync(Keeping);
        }

        await MergeAsync(Keeping, batchBytes);

        await AssertAnswerAsync<string>("2 big", "SELECT rank || ' ' || coalesce(body, '∅') FROM analytics.people WHERE id = 1");
    }
}
