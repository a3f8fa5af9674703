using CdcDms.Pipeline.Markers;

namespace CdcDms.Pipeline.Tests.Markers;

/// <summary>A source's clock was ahead when a marker was committed.</summary>
public sealed class AheadClockTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly DateTime Today = DateTime.UtcNow.Date;

    [Fact]
    public async Task A_marker_of_a_clock_that_was_ahead_hides_no_other_and_is_not_the_newest()
    {
        await MarkerAsync(new DateTime(2999, 1, 1, 0, 0, 0, DateTimeKind.Utc), number: 9);
        Assert.Null(await NewestUtcAsync());

        await MarkerAsync(Today, number: 10);

        Assert.Equal(Today, await NewestUtcAsync());
        await AssertAnswerAsync("9 10", "SELECT string_agg(number::text, ' ' ORDER BY number) FROM cdc.markers");
    }

    private Task MarkerAsync(DateTime committedUtc, int number) => Lake.PutAsync(
        Lake.CdcKey(MarkerTable.Definition, committedUtc, DateTime.UtcNow),
        $"""
        SELECT 'I' AS "Op", '{committedUtc:yyyy-MM-dd HH:mm:ss}' AS cdc_timestamp, {number}::BIGINT AS number, uuid() AS id,
            60 AS interval_seconds, '{TestLake.Sequence(number)}' AS cdc_change_seq
        """);

    private async Task<DateTime?> NewestUtcAsync() =>
        (await new MarkerJob(Lake.Reader, Analytics.ConnectionString).MergeAsync(TestContext.Current.CancellationToken)).NewestUtc;
}
