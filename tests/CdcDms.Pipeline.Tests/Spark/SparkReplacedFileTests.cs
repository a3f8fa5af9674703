using System.Text;
using System.Text.Json.Nodes;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Spark;

namespace CdcDms.Pipeline.Tests.Spark;

/// <summary>What becomes of a planned file in whose place another one was put before Spark read it.</summary>
public sealed class SparkReplacedFileTests(TestServers servers) : MergeFixture(servers)
{
    // What was planned is noted by its ETag, so the object in its place waits. Spark reads what is there, and knows no ETags.
    [Theory]
    [InlineData("('I', 3, 1, 'eve')", "1=eve")]
    [InlineData("('I', 3, 1, 'eve'), ('I', 4, 2, 'bob')", "1=eve 2=bob")]
    public async Task An_object_that_takes_the_place_of_a_planned_one_is_merged_as_it_is_then(string rows, string people)
    {
        var file = await ChangesAsync(People, "('I', 1, 1, 'ada')");
        var output = await Job.PlanAsync(
            People, BatchLimits.Default, CancellationToken.None, new() { FromBytes = 0, LongestRunMinutes = 1, LeaveOut = [] });
        await Lake.PutAsync(
            file,
            "SELECT op AS \"Op\", '2026-01-02 03:04:05.678901' AS cdc_timestamp, id, name, lpad(v::VARCHAR, 35, '0') AS cdc_change_seq "
            + $"FROM (VALUES {rows}) t(op, v, id, name)");
        var key = Lake.Uri.KeyOf(output.SparkPlan!);
        var planned = Encoding.UTF8.GetString(await Lake.BytesAsync(key));
        var (before, now) = (JsonNode.Parse(planned)!["files"]![0]!["eTag"]!.GetValue<string>(), await Lake.Reader
            .ListAsync(file, startAfter: null, CancellationToken.None).Select(found => found.ETag).SingleAsync());
        await Lake.PutBytesAsync(
            key, Encoding.UTF8.GetBytes(planned.Replace(before.Trim('"'), now.Trim('"'), StringComparison.Ordinal)));
        await new SparkStandIn(Lake.Reader).RunAsync(output.SparkPlan!, CancellationToken.None);
        await Lake.PutBytesAsync(key, Encoding.UTF8.GetBytes(planned));

        await SparkedMerge.MergeAsync(Job, People, output.SparkPlan!, BatchLimits.Default);
        await MergeAsync(People);

        Assert.Equal(people, await PeopleAsync());
    }
}
