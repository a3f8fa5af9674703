namespace CdcDms.Pipeline.Tests.Evolution;

/// <summary>DMS tells old values of the source's primary key, also where the definition's key is another one.</summary>
public sealed class OtherBeforeImageTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData(NewColumnPolicy.Add)]
    [InlineData(NewColumnPolicy.Fail)]
    public async Task The_old_value_of_a_primary_key_that_is_not_the_definitions_key_is_no_new_column(NewColumnPolicy policy)
    {
        var coded = People with { Columns = null, Key = ["code"], NewColumns = policy };
        await TargetAsync("id integer, code text PRIMARY KEY, name text");
        await Lake.CdcAsync(coded, "SELECT 'U' AS op, 1 AS v, 2 AS id, 'c' AS code, 'n' AS name, 1 AS \"BI_id\"");

        await MergeAsync(coded);

        await AssertAnswerAsync<long>(
            0, "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'analytics' AND column_name LIKE 'BI%'");
    }
}
