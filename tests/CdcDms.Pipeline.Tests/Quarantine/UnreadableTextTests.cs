using CdcDms.Pipeline.Quarantine;

namespace CdcDms.Pipeline.Tests.Quarantine;

/// <summary>Texts that a type cannot read, which not every type tells in the same way.</summary>
public sealed class UnreadableTextTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData("tsvector", "a:b:c'':")]
    [InlineData("tsquery", "a & & b")]
    [InlineData("jsonpath", "$.a[")]
    [InlineData("hstore", "no hstore =")]
    [InlineData("ltree", "no..ltree")]
    [InlineData("regclass", "no_such")]
    [InlineData("regclass", "no.such")]
    [InlineData("regtype", "no_such")]
    [InlineData("regproc", "no_such")]
    [InlineData("analytics.checked", "refused")]
    [InlineData("text CHECK (analytics.accepts(name))", "refused")]
    [InlineData("jsonb", "{\"a\": \"\\u0000\"}")]
    [InlineData("xml", "<a>")]
    public async Task A_text_that_its_type_cannot_read_is_put_aside_alone_and_stays_so_when_it_is_tried_again(string type, string text)
    {
        await Analytics.ExecuteAsync(
            """
            CREATE SCHEMA analytics; CREATE EXTENSION hstore; CREATE EXTENSION ltree;
            CREATE FUNCTION analytics.accepts(value text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql
                AS $$ BEGIN IF value = 'refused' THEN RAISE 'it is %', value; END IF; RETURN true; END $$;
            CREATE DOMAIN analytics.checked AS text CHECK (analytics.accepts(VALUE))
            """);
        await Analytics.ExecuteAsync($"CREATE TABLE analytics.people (id integer PRIMARY KEY, name {type})");
        await Lake.ChangeAsync(People, 'I', 1, 1, text);
        await Lake.ChangeAsync(People, 'I', 2, 2, null);

        Assert.Equal(new RowCounts { Read = 2, Inserted = 1, Quarantined = 1 }, await MergeAsync(Bare));

        Assert.Equal("2=∅", await PeopleAsync());
        Assert.Equal(new RetryResult(Closed: 0, Open: 1), await RetryAsync(Bare));
    }
}
