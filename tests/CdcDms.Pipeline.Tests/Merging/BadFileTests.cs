using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>Files as they must not be: each is named, and the others go on.</summary>
public sealed class BadFileTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData("truncated")]
    [InlineData("not Parquet")]
    [InlineData("corrupt inside")]
    [InlineData("corrupt footer")]
    public async Task A_broken_file_is_rejected_with_its_reason_and_the_others_are_applied(string fault)
    {
        await Lake.ChangeAsync(People, 'I', 90000, 90000, "ada");
        var key = await Lake.CdcAsync(
            People,
            "SELECT 'I' AS op, range AS v, range::INTEGER AS id, md5(range::VARCHAR) || md5((-range)::VARCHAR) AS name FROM range(20000)");
        var whole = await Lake.BytesAsync(key);
        var broken = fault switch
        {
            "truncated" => whole[..(whole.Length / 2)],
            "not Parquet" => "id,name\n1,ada\n"u8.ToArray(),
            "corrupt inside" => [.. whole.Select((one, at) => at > whole.Length / 2 && at < whole.Length / 2 + 4000 ? (byte)~one : one)],
            _ => [.. whole.Select((one, at) => at > whole.Length - 60 && at < whole.Length - 8 ? (byte)~one : one)],
        };
        await Lake.PutBytesAsync(key, broken);

        var output = await new MergeJob(Lake.Reader, Analytics.ConnectionString).RunAsync(People, 1 << 30, CancellationToken.None);

        Assert.Equal((1, 1), (output.Files, output.FilesRejected));
        var rejected = Assert.Single((await StatusAsync()).RejectedFiles);
        Assert.Equal(key, rejected.Key);
        Assert.DoesNotContain(Path.GetTempPath(), rejected.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", rejected.Reason, StringComparison.Ordinal);
        Assert.Equal("90000=ada", await PeopleAsync());
        Assert.Equal(0, (await MergeAsync(People)).Read);

        await Lake.PutBytesAsync(key, whole);
        Assert.Equal(20000, (await MergeAsync(People)).Inserted);
        Assert.Empty((await StatusAsync()).RejectedFiles);
    }

    [Theory]
    [InlineData("SELECT 'I' AS op, 1 AS v, 'ada' AS name", "the column id is missing")]
    [InlineData("SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name, 'x' AS file_index", "reserved name")]
    [InlineData("SELECT 'I' AS op, 1 AS v, 1 AS id, ['a'] AS name", "cannot be read")]
    public async Task A_file_that_cannot_be_of_the_table_is_rejected(string select, string sentence)
    {
        await Lake.ChangeAsync(People, 'U', 2, 7, "good");
        var key = await Lake.CdcAsync(People, select);

        Assert.Equal(new RowCounts { Read = 1, Inserted = 1 }, await MergeAsync(People));

        Assert.Equal("7=good", await PeopleAsync());
        var rejected = Assert.Single((await StatusAsync()).RejectedFiles);
        Assert.Equal(key, rejected.Key);
        Assert.Contains(sentence, rejected.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_object_holds_no_rows_until_it_is_written()
    {
        for (var file = 1; file <= 12; file++)
            await Lake.PutBytesAsync(Lake.LoadKey(People, file), []);
        Assert.Equal(0, (await MergeAsync(People)).Read);
        Assert.Empty((await StatusAsync()).RejectedFiles);

        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name");
        await MergeAsync(People);

        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Fact]
    public async Task Columns_that_differ_only_by_case_are_refused()
    {
        var key = await Lake.CdcAsync(People, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name, 'x' AS \"NAMX\"");
        var bytes = await Lake.BytesAsync(key);
        for (int at; (at = bytes.AsSpan().IndexOf("NAMX"u8)) >= 0;)
            bytes[at + 3] = (byte)'E';
        await Lake.PutBytesAsync(key, bytes);

        Assert.Equal(0, (await MergeAsync(People)).Read);

        Assert.Contains(
            "columns whose names differ only by case",
            Assert.Single((await StatusAsync()).RejectedFiles).Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_rejected_files_park_the_table_until_it_is_resumed()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        var keys = new List<string>();
        for (var file = 0; file < 11; file++)
        {
            keys.Add(await Lake.ChangeAsync(People, 'I', file + 2, file + 2, "late"));
            await Lake.PutBytesAsync(keys[^1], "no Parquet"u8.ToArray());
        }

        var fault = await FaultAsync(People);
        Assert.Equal(ErrorKind.Parked, fault.Kind);
        Assert.Contains("more than 10 files are rejected", fault.Message, StringComparison.Ordinal);
        await AssertRefusedAsync(People, ErrorKind.Parked, "is parked");
        Assert.Equal((TableState.Parked, fault.Message), ((await StatusAsync()).State, (await StatusAsync()).ParkedCause));
        Assert.Equal("", await PeopleAsync());

        foreach (var key in keys)
            await Lake.DeleteAsync(key);
        await new ResumeJob(Analytics.ConnectionString).RunAsync(People.TargetName, Consent.None, CancellationToken.None);
        Assert.Empty((await StatusAsync()).RejectedFiles);
        await MergeAsync(People);

        Assert.Equal("1=ada", await PeopleAsync());
        Assert.Equal(TableState.Replicating, (await StatusAsync()).State);
    }

    [Fact]
    public async Task A_generation_with_a_rejected_file_removes_no_older_rows()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        Lake.Generation = 2;
        var good = await Lake.LoadAsync(People, 1, "SELECT 2 AS id, 'bob' AS name");
        var bad = await Lake.LoadAsync(People, 2, "SELECT 3 AS id, 'cyd' AS name");
        var whole = await Lake.BytesAsync(bad);
        await Lake.PutBytesAsync(bad, whole[..^30]);
        await Lake.ManifestAsync(People, good, bad);

        await MergeAsync(People);

        Assert.Equal("1=ada 2=bob", await PeopleAsync());
        Assert.Equal(0, await Analytics.ScalarAsync<decimal>("SELECT floor FROM cdc.tables"));

        await Lake.PutBytesAsync(bad, whole);
        await Lake.ManifestAsync(People, good, bad);
        await MergeAsync(People);

        Assert.Equal("2=bob 3=cyd", await PeopleAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_is_corrupt_inside_is_rejected_also_when_it_has_a_malformed_row(bool isMalformed)
    {
        await Lake.ChangeAsync(People, 'I', 90000, 90000, "ada");
        var key = await Lake.CdcAsync(
            People,
            $"SELECT 'I' AS op, range AS v, CASE WHEN range <> 5 OR {!isMalformed} THEN range::INTEGER END AS id, "
            + "md5(range::VARCHAR) || md5((-range)::VARCHAR) AS name FROM range(20000)");
        var whole = await Lake.BytesAsync(key);
        await Lake.PutBytesAsync(
            key, [.. whole.Select((one, at) => at > whole.Length / 2 && at < whole.Length / 2 + 4000 ? (byte)~one : one)]);

        await MergeAsync(People);

        Assert.Equal("90000=ada", await PeopleAsync());
        Assert.Equal(key, Assert.Single((await StatusAsync()).RejectedFiles).Key);
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

        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => Lake.Reader.FetchAsync(key, listed.ETag, "/nowhere/file", CancellationToken.None));

        Assert.Equal(ErrorKind.Unavailable, fault.Kind);
        Assert.Contains(key, fault.Message, StringComparison.Ordinal);
    }
}
