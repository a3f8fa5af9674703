using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>Files as they must not be: each is named, and nothing of its batch is applied.</summary>
public sealed class BadFileTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData("truncated")]
    [InlineData("not Parquet")]
    [InlineData("empty")]
    [InlineData("corrupt inside")]
    [InlineData("corrupt footer")]
    public async Task A_broken_file_is_named_and_nothing_of_its_batch_is_applied(string fault)
    {
        await MergeAsync(People);
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        var key = await Lake.CdcAsync(People, "SELECT 'I' AS op, range AS v, range::INTEGER AS id, md5(range::VARCHAR) || md5((-range)::VARCHAR) AS name FROM range(20000)");
        var whole = await Lake.BytesAsync(key);
        var broken = fault switch
        {
            "truncated" => whole[..(whole.Length / 2)],
            "not Parquet" => "id,name\n1,ada\n"u8.ToArray(),
            "empty" => [],
            "corrupt inside" => [.. whole.Select((one, at) => at > whole.Length / 2 && at < whole.Length / 2 + 4000 ? (byte)~one : one)],
            _ => [.. whole.Select((one, at) => at > whole.Length - 60 && at < whole.Length - 8 ? (byte)~one : one)],
        };
        await Lake.PutBytesAsync(key, broken);

        var told = await FaultAsync(People);

        Assert.Equal(ErrorKind.BadData, told.Kind);
        Assert.Contains(key, told.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetTempPath(), told.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", told.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", told.Message, StringComparison.Ordinal);
        Assert.Equal("", await PeopleAsync());
        Assert.Equal(0, await Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.files"));

        await Lake.PutBytesAsync(key, whole);
        await MergeAsync(People);
        Assert.Equal(20000, await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.people"));
    }

    [Theory]
    [InlineData("SELECT 'I' AS op, 1 AS v, NULL::INTEGER AS id, 'ada' AS name", "1 rows have NULL in their key")]
    [InlineData("SELECT 'X' AS op, 1 AS v, 1 AS id, 'ada' AS name", "1 rows have an Op other than")]
    [InlineData("SELECT NULL::VARCHAR AS op, 1 AS v, 1 AS id, 'ada' AS name", "1 rows have an Op other than")]
    [InlineData("SELECT 'I' AS op, NULL::INTEGER AS v, 1 AS id, 'ada' AS name", "1 rows have no change version")]
    [InlineData("SELECT 'I' AS op, 'x' AS v, 1 AS id, 'ada' AS name", "1 rows have no change version")]
    [InlineData("SELECT 'I' AS op, 1 AS v, 'ada' AS name", "the column id is missing")]
    [InlineData("SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name, 'x' AS file_index", "reserved name")]
    [InlineData("SELECT 'I' AS op, 1 AS v, 1 AS id, ['a'] AS name", "DMS does not write")]
    public async Task A_bad_row_stops_its_batch_with_a_sentence(string select, string sentence)
    {
        await Lake.ChangeAsync(People, 'I', 1, 7, "good");
        await MergeAsync(People);
        await Lake.ChangeAsync(People, 'U', 2, 7, "better");
        var key = await Lake.CdcAsync(People, select);

        var fault = await FaultAsync(People);

        Assert.Equal(ErrorKind.BadData, fault.Kind);
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
        Assert.Contains(key, fault.Message, StringComparison.Ordinal);
        Assert.Equal("7=good", await PeopleAsync());
    }

    [Fact]
    public async Task Columns_that_differ_only_by_case_are_refused()
    {
        var key = await Lake.CdcAsync(People, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name, 'x' AS \"NAMX\"");
        var bytes = await Lake.BytesAsync(key);
        for (int at; (at = bytes.AsSpan().IndexOf("NAMX"u8)) >= 0;)
            bytes[at + 3] = (byte)'E';
        await Lake.PutBytesAsync(key, bytes);

        Assert.Contains($"{key} has columns whose names differ only by case", (await FaultAsync(People)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'0' || repeat('1', 33)")]
    [InlineData("repeat('1', 36)")]
    [InlineData("repeat('1', 34) || ' '")]
    [InlineData("'-' || repeat('1', 34)")]
    [InlineData("repeat('١', 35)")]
    public async Task A_version_is_35_digits(string version)
    {
        var made = DateTime.UtcNow.Date;
        await Lake.PutAsync(Lake.Uri.CdcKey(People.Source, made, made), $"SELECT 'I' AS \"Op\", {version} AS cdc_change_seq, 1 AS id, 'ada' AS name");

        Assert.Contains("35 digits", (await FaultAsync(People)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_that_the_target_does_not_have_stops_the_batch_unless_columns_are_listed()
    {
        await Analytics.ExecuteAsync("CREATE SCHEMA analytics; CREATE TABLE analytics.people (id integer PRIMARY KEY, name text)");
        var key = await Lake.CdcAsync(People, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name, 'x' AS extra");

        var fault = await FaultAsync(People with { Columns = null });
        Assert.Contains("no column extra", fault.Message, StringComparison.Ordinal);
        Assert.Contains(key, fault.Message, StringComparison.Ordinal);
        Assert.Equal("", await PeopleAsync());

        await MergeAsync(People);
        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_removed_or_replaced_between_listing_and_reading_is_a_conflict(bool replaced)
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        var key = await Lake.ChangeAsync(People, 'I', 2, 2, "bob");
        var other = await Lake.BytesAsync(await Lake.ChangeAsync(People, 'I', 3, 3, "cyd"));
        using var s3 = (AmazonS3Client)Servers.S3Server.Connect();
        s3.BeforeRequestEvent += (_, about) =>
        {
            if (about is WebServiceRequestEventArgs { Request: GetObjectRequest wanted } && wanted.Key == key)
                (replaced ? Lake.PutBytesAsync(key, other) : Lake.DeleteAsync(key)).GetAwaiter().GetResult();
        };

        var job = new MergeJob(new LakeReader(s3, Lake.Uri), Analytics.ConnectionString);
        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => job.RunAsync(People, 1 << 30, CancellationToken.None));

        Assert.Equal(ErrorKind.Conflict, fault.Kind);
        Assert.Contains(key, fault.Message, StringComparison.Ordinal);
        Assert.Equal("", await PeopleAsync());
        await MergeAsync(People);
        Assert.Equal("1=ada 3=cyd", await PeopleAsync());
    }

    [Fact]
    public async Task A_file_that_the_disk_cannot_take_is_the_disks_fault()
    {
        var key = await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        var listed = await Lake.Reader.ListAsync(key, null, CancellationToken.None).SingleAsync();

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => Lake.Reader.FetchAsync(key, listed.ETag, "/nowhere/file", CancellationToken.None));

        Assert.Equal(ErrorKind.Unavailable, fault.Kind);
        Assert.Contains(key, fault.Message, StringComparison.Ordinal);
    }
}
