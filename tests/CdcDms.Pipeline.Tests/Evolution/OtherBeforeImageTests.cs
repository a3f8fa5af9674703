namespace CdcDms.Pipeline.Tests.Evolution;

/// <summary>DMS tells old values of the source's primary key, also where the definition's key is another one.</summary>
public sealed class OtherBeforeImageTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task A_column_of_the_target_that_is_named_like_an_old_value_moves_nothing()
    {
        await TargetAsync("id integer PRIMARY KEY, name text, \"BI_id\" integer");
        await Lake.CdcAsync(
            Bare,
            "SELECT op, v, id, name, b::INTEGER AS \"BI_id\" FROM (VALUES "
            + "('I', 1, 1, 'ada', NULL), ('I', 2, 2, 'bob', 1), ('U', 3, 2, 'eve', 1)) t(op, v, id, name, b)");

        await MergeAsync(Bare);

        await AssertAnswerAsync<string>(
            "1 ada, 2 eve 1", "SELECT string_agg(concat_ws(' ', id, name, \"BI_id\"), ', ' ORDER BY id) FROM analytics.people");
    }

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
