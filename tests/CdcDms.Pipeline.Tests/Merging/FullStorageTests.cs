using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>Files for which the temporary storage has no room: fewer of them may fit, and half of one is fetched no better.</summary>
public sealed class FullStorageTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task A_file_that_does_not_fit_fails_at_once_with_a_sentence_and_halves_nothing()
    {
        var key = await Lake.CdcAsync(
            People, "SELECT 'I' AS op, 5 AS v, range::INTEGER AS id, md5(range::VARCHAR) AS name FROM range(30000)");
        await FullAtAsync(_ => true, async job =>
        {
            var fault = await Assert.ThrowsAsync<CdcDmsException>(
                () => job.RunAsync(People, BatchLimits.Default, CancellationToken.None));

            Assert.Equal(ErrorKind.Unavailable, fault.Kind);
            Assert.Contains($"{key} of 0 MiB is fetched whole", fault.Message, StringComparison.Ordinal);
            await AssertAnswerAsync(0L, "SELECT count(most_bytes) FROM cdc.tables");
        });
        Assert.Equal(30000, (await MergeAsync(People)).Inserted);
    }

    [Fact]
    public async Task Of_many_files_that_do_not_fit_together_half_is_merged_at_once()
    {
        for (var file = 1; file <= 4; file++)
            await Lake.CdcAsync(
                People, $"SELECT 'I' AS op, {file} AS v, range::INTEGER AS id, md5(range::VARCHAR || {file}) AS name FROM range(10000)");
        var fetched = 0;
        await FullAtAsync(_ => Interlocked.Increment(ref fetched) == 3, async job =>
        {
            var output = await job.RunAsync(People, BatchLimits.Default, CancellationToken.None);

            Assert.InRange(output.Files, 1, 2);
            Assert.True(output.More);
        });
    }

    private async Task FullAtAsync(Func<string, bool> isFull, Func<MergeJob, Task> merge)
    {
        using var s3 = (AmazonS3Client)Servers.S3Server.Connect();
        s3.BeforeRequestEvent += (_, about) =>
        {
            if (about is WebServiceRequestEventArgs { Request: GetObjectRequest wanted } && isFull(wanted.Key))
                throw new IOException("No space left on device : '/tmp/000000.parquet'");
        };
        await merge(new MergeJob(new LakeReader(s3, Lake.Uri), Analytics.ConnectionString));
    }
}
