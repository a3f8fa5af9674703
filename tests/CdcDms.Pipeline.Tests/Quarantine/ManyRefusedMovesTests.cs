namespace CdcDms.Pipeline.Tests.Quarantine;

/// <summary>A refused change of a key is one refused change.</summary>
public sealed class ManyRefusedMovesTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task Six_hundred_refused_changes_of_keys_are_fewer_than_a_thousand()
    {
        var table = People with { Columns = null, Key = null };
        await TargetAsync("id uuid PRIMARY KEY, name text");
        await Lake.CdcAsync(
            table,
            "SELECT 'U' AS op, 10 + range AS v, 'no uuid ' || range AS id, 'x' AS name, uuid()::VARCHAR AS \"BI_id\" FROM range(600)");

        Assert.Equal(600, (await MergeAsync(table)).Quarantined);
    }
}
