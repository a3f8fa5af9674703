using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>Files as DMS may write them, and files as they must not be.</summary>
public sealed class FileTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly TableDefinition Wide = People with
    {
        Columns = [.. People.Columns!, new() { From = "extra", To = "extra", Type = "text" }],
    };

    [Theory]
    [InlineData("SELECT 1 AS id, 'ada' AS name")]
    [InlineData("SELECT NULL::VARCHAR AS \"Op\", NULL::VARCHAR AS cdc_timestamp, 1 AS id, 'ada' AS name, NULL::VARCHAR AS cdc_change_seq")]
    [InlineData("SELECT 'ada' AS name, '' AS cdc_change_seq, 'I' AS \"Op\", 1::BIGINT AS id, 'not a time' AS cdc_timestamp")]
    public async Task Full_load_files_need_none_of_the_columns_that_DMS_adds(string select)
    {
        await Lake.PutAsync(Lake.Uri.LoadKey(People.Source, 1), select);

        Assert.Equal(new RowCounts { Read = 1, Inserted = 1 }, await MergeAsync(People));
        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Fact]
    public async Task Files_without_rows_are_applied_and_change_nothing()
    {
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name WHERE false");
        await Lake.CdcAsync(People, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name WHERE false");

        Assert.Equal(new RowCounts(), await MergeAsync(People));
        Assert.Equal(2, await Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.files"));
    }

    [Theory]
    [InlineData("COMPRESSION uncompressed, PARQUET_VERSION v1")]
    [InlineData("COMPRESSION uncompressed, PARQUET_VERSION v2")]
    [InlineData("COMPRESSION gzip, PARQUET_VERSION v1, DICTIONARY_SIZE_LIMIT 1")]
    [InlineData("COMPRESSION gzip, PARQUET_VERSION v2, ROW_GROUP_SIZE 2048")]
    public async Task Every_form_of_Parquet_that_DMS_can_be_told_to_write_is_read(string options)
    {
        const string rows = "SELECT range::INTEGER AS id, CASE WHEN range % 3 > 0 THEN 'n' || range % 700 END AS name FROM range(5000)";
        await Lake.PutAsync(Lake.Uri.LoadKey(People.Source, 1), rows, options);

        await MergeAsync(People);

        Assert.Equal(5000, await Analytics.ScalarAsync<long>(
            "SELECT count(*) FROM analytics.people WHERE name IS NOT DISTINCT FROM CASE WHEN id % 3 > 0 THEN 'n' || id % 700 END"));
    }

    [Fact]
    public async Task A_column_that_a_file_lacks_is_not_touched()
    {
        await Lake.CdcAsync(Wide, "SELECT * FROM (VALUES ('I', 1, 1, 'ada', 'kept'), ('I', 2, 2, 'bob', 'gone')) t(op, v, id, name, extra)");
        await Lake.CdcAsync(Wide, "SELECT * FROM (VALUES ('U', 3, 1, 'ada 2'), ('I', 4, 3, 'cyd')) t(op, v, id, name)");
        await Lake.CdcAsync(Wide, "SELECT 'U' AS op, 5 AS v, 2 AS id, NULL::VARCHAR AS extra");

        await MergeAsync(Wide);

        Assert.Equal("1 ada 2 kept, 2 bob ∅, 3 cyd ∅", await WideAsync());
    }

    [Fact]
    public async Task A_column_dropped_again_keeps_what_came_between()
    {
        await Lake.CdcAsync(Wide, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name");
        await Lake.CdcAsync(Wide, "SELECT 'U' AS op, 2 AS v, 1 AS id, 'ada 2' AS name, 'between' AS extra");
        await Lake.CdcAsync(Wide, "SELECT 'U' AS op, 3 AS v, 1 AS id, 'ada 3' AS name");

        await MergeAsync(Wide);

        Assert.Equal("1 ada 3 between", await WideAsync());
    }

    [Fact]
    public async Task A_change_told_twice_in_files_with_different_columns_counts_once()
    {
        await Lake.CdcAsync(Wide, "SELECT * FROM (VALUES ('I', 1, 1, 'ada'), ('D', 2, 2, NULL)) t(op, v, id, name)");
        await Lake.CdcAsync(Wide, "SELECT * FROM (VALUES ('I', 1, 1, 'ada', NULL), ('D', 2, 2, NULL, NULL), ('I', 3, 3, 'cyd', 'x')) t(op, v, id, name, extra)");

        var rows = await MergeAsync(Wide);

        Assert.Equal(new RowCounts { Read = 5, Inserted = 2, Deleted = 1, Unchanged = 2 }, rows);
        Assert.Equal("1 ada ∅, 3 cyd x", await WideAsync());
    }

    [Theory]
    [InlineData("7::INTEGER", "'seven'")]
    [InlineData("'\\x00\\xFF'::BLOB", "'text'")]
    [InlineData("'12345678901234567890123456789012345678'::DECIMAL(38,0)", "'0.5'::DECIMAL(38,20)")]
    [InlineData("9007199254740993::BIGINT", "0.5::DOUBLE")]
    [InlineData("TIMESTAMP '2026-01-01 00:00:00'", "DATE '2026-01-01'")]
    public async Task A_column_whose_type_has_changed_keeps_each_value_as_it_was_written(string before, string after)
    {
        await Lake.CdcAsync(Wide, $"SELECT 'I' AS op, 1 AS v, 1 AS id, {before} AS extra");
        await MergeAsync(Wide);
        await Lake.CdcAsync(Wide, $"SELECT 'I' AS op, 2 AS v, 2 AS id, {after} AS extra");
        await MergeAsync(Wide);
        var apart = await WideAsync();
        await Lake.CdcAsync(Wide, $"SELECT 'U' AS op, 3 AS v, 1 AS id, {before} AS extra");
        await Lake.CdcAsync(Wide, $"SELECT 'U' AS op, 4 AS v, 2 AS id, {after} AS extra");

        Assert.Equal(2, (await MergeAsync(Wide)).Updated);
        Assert.Equal(apart, await WideAsync());
    }

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
        var key = await Lake.CdcAsync(Wide, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name, 'x' AS extra");

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

    private async Task<string?> WideAsync() => await Analytics.ScalarAsync<string>(
        "SELECT string_agg(concat_ws(' ', id, name, coalesce(extra, '∅')), ', ' ORDER BY id) FROM analytics.people");
}
