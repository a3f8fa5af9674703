using CdcDms.Pipeline.Merging;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>A file whose first part can be read and a later one cannot.</summary>
public sealed class RejectedPartTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task A_whole_file_in_the_place_of_one_that_was_rejected_at_a_later_part_is_of_the_first_load()
    {
        var key = await Lake.LoadAsync(
            People,
            1,
            "SELECT range::INTEGER AS id, md5(range::VARCHAR) AS name FROM range(6000)",
            "COMPRESSION gzip, ROW_GROUP_SIZE 2048");
        var whole = await Lake.BytesAsync(key);
        var broken = (byte[])whole.Clone();
        for (var at = whole.Length / 2; at < whole.Length * 3 / 4; at++)
            broken[at] ^= 0x55;
        await Lake.PutBytesAsync(key, broken);
        var limits = BatchLimits.Default with { Rows = 2000 };
        MergeOutput output;
        do
            output = await Job.RunAsync(People, limits, CancellationToken.None);
        while (output.More);
        await AssertAnswerAsync(2000L, "SELECT count(*) FROM analytics.people");
        Assert.Single((await StatusAsync()).RejectedFiles);

        await Lake.PutBytesAsync(key, whole);
        await Job.RunAsync(People, limits, CancellationToken.None);
        Assert.Empty((await StatusAsync()).RejectedFiles);
        await MergeAsync(People);

        await AssertAnswerAsync(6000L, "SELECT count(*) FROM analytics.people");
    }
}
