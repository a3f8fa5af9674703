namespace CdcDms.Pipeline.Tests.Statements;

/// <summary>Changes of a key that cannot be read in full: the others go on, and a row that has left its old key is gone there.</summary>
public sealed class MalformedMoveTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task A_changed_key_without_a_version_beside_a_refused_change_is_put_aside_as_well()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        await Lake.CdcAsync(
            Bare,
            "SELECT op, v, id, name, was::INTEGER AS \"BI_id\" FROM (VALUES ('U', '2', 2, 'too long', NULL), ('U', 'none', 7, 'eve', 1), "
            + "('I', '3', 3, 'cyd', NULL)) t(op, v, id, name, was)");

        Assert.Equal(new RowCounts { Read = 3, Inserted = 1, Quarantined = 2 }, await MergeAsync(Bare));
        Assert.Equal("3=cyd", await PeopleAsync());
    }

    [Theory]
    [InlineData("'e' || chr(0)", "text", "VARCHAR")]
    [InlineData("DATE '5874898-01-01'", "date", "DATE")]
    public async Task A_row_with_a_value_that_PostgreSQL_cannot_hold_leaves_its_old_key(string value, string type, string fileType)
    {
        await TargetAsync($"id integer PRIMARY KEY, name {type}");
        await Lake.CdcAsync(Bare, $"SELECT 'I' AS op, 1 AS v, 1 AS id, NULL::{fileType} AS name, NULL::INTEGER AS \"BI_id\"");
        await MergeAsync(Bare);
        await Lake.CdcAsync(Bare, $"SELECT 'U' AS op, 2 AS v, 7 AS id, {value} AS name, 1 AS \"BI_id\"");

        Assert.Equal(new RowCounts { Read = 1, Quarantined = 1, Moved = 1 }, await MergeAsync(Bare));
        Assert.Equal("", await PeopleAsync());
    }

    [Theory]
    [InlineData("text", "'a' || chr(0)", "'b'", "'c'")]
    [InlineData("date", "DATE '5874898-01-01'", "DATE '2026-01-01'", "DATE '2026-01-02'")]
    public async Task An_old_key_that_PostgreSQL_cannot_hold_stops_nothing(string type, string old, string now, string other)
    {
        await TargetAsync($"id {type} PRIMARY KEY, name text");
        await Lake.CdcAsync(
            Bare,
            $"SELECT 'U' AS op, 2 AS v, {now} AS id, 'x' AS name, {old} AS \"BI_id\" UNION ALL SELECT 'I', 3, {other}, 'y', NULL");

        Assert.Equal(2, (await MergeAsync(Bare)).Read);
        await AssertAnswerAsync<string>("x y", "SELECT string_agg(name, ' ' ORDER BY name) FROM analytics.people");
    }

    [Fact]
    public async Task A_key_that_changes_in_nanoseconds_alone_stays_where_it_is()
    {
        const string time = "'2026-01-01 00:00:00.00000000";
        await TargetAsync("id timestamp PRIMARY KEY, name text");
        await Lake.CdcAsync(
            Bare, $"SELECT 'I' AS op, 1 AS v, {time}1'::TIMESTAMP_NS AS id, 'a' AS name, NULL::TIMESTAMP_NS AS \"BI_id\"");
        await Lake.CdcAsync(
            Bare, $"SELECT 'U' AS op, 2 AS v, {time}2'::TIMESTAMP_NS AS id, 'b' AS name, {time}1'::TIMESTAMP_NS AS \"BI_id\"");

        await MergeAsync(Bare);

        await AssertAnswerAsync<string>("b", "SELECT string_agg(name, ' ') FROM analytics.people");
    }
}
