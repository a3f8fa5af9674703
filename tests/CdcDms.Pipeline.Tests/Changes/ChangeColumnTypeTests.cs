namespace CdcDms.Pipeline.Tests.Changes;

/// <summary>Files in which the columns that DMS adds have other types than DMS gives them.</summary>
public sealed class ChangeColumnTypeTests(TestServers servers) : MergeFixture(servers)
{
    private const string Version = "'00000000000000000000000000000000007' AS cdc_change_seq";

    [Theory]
    [InlineData($"1 AS \"Op\", '' AS cdc_timestamp, {Version}", "the column Op has the type INTEGER")]
    [InlineData($"['I'] AS \"Op\", '' AS cdc_timestamp, {Version}", "the column Op has the type VARCHAR[]")]
    [InlineData("'I' AS \"Op\", '' AS cdc_timestamp, 7::BIGINT AS cdc_change_seq", "the column cdc_change_seq has the type BIGINT")]
    [InlineData("'I' AS \"Op\", '' AS cdc_timestamp, '7'::BLOB AS cdc_change_seq", "the column cdc_change_seq has the type BLOB")]
    public async Task A_file_whose_order_or_operation_cannot_be_read_is_rejected_and_the_others_are_merged(string columns, string reason)
    {
        var key = await PutAsync(columns);

        Assert.Equal(1, (await MergeAsync(People)).Inserted);

        Assert.Equal("1=ada", await PeopleAsync());
        var rejected = Assert.Single((await StatusAsync()).RejectedFiles);
        Assert.Equal(key, rejected.Key);
        Assert.Contains(reason, rejected.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5 AS cdc_timestamp", null)]
    [InlineData("true AS cdc_timestamp", null)]
    [InlineData("['x'] AS cdc_timestamp", null)]
    [InlineData("TIMESTAMP '2026-01-02 00:00:00' AS cdc_timestamp", "2026-01-02 00:00:00+00")]
    [InlineData("DATE '2026-01-02' AS cdc_timestamp", "2026-01-02 00:00:00+00")]
    [InlineData("'2026-01-02 02:00:00+02' AS cdc_timestamp", "2026-01-02 00:00:00+00")]
    [InlineData("'2026-01-02 02:00:00.123+02' AS cdc_timestamp", "2026-01-02 00:00:00.123+00")]
    [InlineData("'2026-01-01 19:00:00.123-05' AS cdc_timestamp", "2026-01-02 00:00:00.123+00")]
    [InlineData("'2026-01-02 05:30:00.123456+05:30' AS cdc_timestamp", "2026-01-02 00:00:00.123456+00")]
    [InlineData("'2026-01-02T00:00:00.123456Z' AS cdc_timestamp", "2026-01-02 00:00:00.123456+00")]
    [InlineData("'2026-01-02 00:00:00.5' AS cdc_timestamp", "2026-01-02 00:00:00.5+00")]
    [InlineData("'2026-01-02 00:00:00.123456' AS cdc_timestamp", "2026-01-02 00:00:00.123456+00")]
    public async Task A_commit_time_that_orders_nothing_may_be_of_any_type(string column, string? committed)
    {
        await PutAsync($"'I' AS \"Op\", {column}, {Version}");

        Assert.Equal(2, (await MergeAsync(People)).Inserted);

        Assert.Equal(
            committed ?? "none",
            await Analytics.ScalarAsync<string>("SELECT coalesce(_cdc_committed_at::text, 'none') FROM analytics.people WHERE id = 2"));
    }

    [Fact]
    public async Task A_commit_time_that_orders_must_be_one()
    {
        await PutAsync("'I' AS \"Op\", 5 AS cdc_timestamp");

        Assert.Equal(1, (await MergeAsync(People with { Ordering = ChangeOrdering.Timestamp })).Inserted);

        Assert.Contains(
            "the column cdc_timestamp has the type INTEGER",
            Assert.Single((await StatusAsync()).RejectedFiles).Reason, StringComparison.Ordinal);
    }

    /// <summary>Puts a good file with the row 1, and behind it one with the row 2 and these columns.</summary>
    private async Task<string> PutAsync(string columns)
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        var made = DateTime.UtcNow.Date.AddHours(1);
        return await Lake.PutAsync(Lake.CdcKey(People, made, made), $"SELECT {columns}, 2::INTEGER AS id, 'bob' AS name");
    }
}
