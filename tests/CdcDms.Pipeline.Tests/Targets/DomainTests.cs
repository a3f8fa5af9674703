namespace CdcDms.Pipeline.Tests.Targets;

/// <summary>Targets with columns of domains.</summary>
public sealed class DomainTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData("varchar(3)", "four")]
    [InlineData("char(3)", "four")]
    [InlineData("bit(3)", "1010")]
    [InlineData("varbit(3)", "1010")]
    [InlineData("varchar(3)[]", "{four}")]
    [InlineData("numeric(3,0)", "1000")]
    [InlineData("\"char\"", "xy")]
    [InlineData("name", "a_name_of_sixty_four_bytes_which_is_one_more_than_PostgreSQL_kee")]
    [InlineData("text CHECK (VALUE <> 'bad')", "bad")]
    public async Task A_value_that_does_not_fit_into_a_domain_is_put_aside_and_never_cut(string type, string value)
    {
        await TargetAsync("id integer PRIMARY KEY, name analytics.outer", $"CREATE DOMAIN analytics.inner AS {type}; "
            + "CREATE DOMAIN analytics.outer AS analytics.inner");
        await Lake.ChangeAsync(People, 'I', 1, 1, value);
        await Lake.ChangeAsync(People, 'I', 2, 2, null);

        Assert.Equal(new RowCounts { Read = 2, Inserted = 1, Quarantined = 1 }, await MergeAsync(Bare));

        Assert.Equal("2=∅", await PeopleAsync());
    }

    [Fact]
    public async Task A_key_of_a_domain_is_looked_for_as_it_is_stored()
    {
        await TargetAsync("id analytics.price PRIMARY KEY, name text", "CREATE DOMAIN analytics.price AS numeric(5,1)");
        await ChangesAsync(People, "('I', 1, '1.04', 'ada')", "('I', 2, '2.04', 'bob')");
        await MergeAsync(Bare);
        await ChangesAsync(People, "('U', 3, '1.00', 'ada 2')", "('D', 4, '2.0', NULL)");

        Assert.Equal(new RowCounts { Read = 2, Updated = 1, Deleted = 1 }, await MergeAsync(Bare));

        Assert.Equal("1.0=ada 2", await PeopleAsync());
    }
}
