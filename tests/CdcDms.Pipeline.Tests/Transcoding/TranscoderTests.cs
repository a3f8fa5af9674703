using CdcDms.Pipeline.Transcoding;

namespace CdcDms.Pipeline.Tests.Transcoding;

/// <summary>Which objects a batch becomes.</summary>
public sealed class TranscoderTests(TestServers servers) : StreamFixture(servers)
{
    private static readonly TableDefinition Places = People with { Name = "places", Target = "analytics.places" };

    [Fact]
    public async Task Messages_about_tables_and_those_of_tables_of_DMS_are_counted_and_not_written()
    {
        var ofDms = Messages.Change("update", 1, "\"task_status\":\"FULL LOAD\"", "\"task_name\":\"t\"", "awsdms_status");

        var output = await StreamAsync(
            People, Messages.Control("create-table"), Messages.Control("add-column"), Messages.Control("add-column"),
            Messages.Control("create-table", "", "awsdms_apply_exceptions"), ofDms,
            ofDms.Replace("\"public\",\"table-name\":\"awsdms_status\"", "\"\",\"table-name\":\"status\"", StringComparison.Ordinal));

        Assert.Equal((6, 0, 4, 2, 0, 0), (output.Read, output.Rows, output.Control, output.Ignored, output.Rejected, output.Files));
        Assert.Equal([KeyValuePair.Create("add-column", 2)], output.Alterations);
        Assert.Empty(await ObjectsAsync());
    }

    [Fact]
    public async Task Two_tables_two_days_a_full_load_and_two_shapes_have_a_file_each_and_the_order_of_members_makes_none()
    {
        var output = await TranscodeAsync(
            Next(
                Messages.Load("\"id\":1,\"name\":\"ada\""),
                Messages.Change("insert", 1, "\"id\":2,\"name\":\"bob\"", committed: "2026-11-28T23:59:59.999999Z"),
                Messages.Change("insert", 2, "\"name\":\"cid\",\"id\":3", committed: "2026-11-28T23:59:59Z"),
                Messages.Change("insert", 3, "\"id\":4,\"name\":\"dan\"", committed: "2026-11-29T00:00:00.1Z"),
                Messages.Change("insert", 4, "\"id\":5,\"name\":\"eve\",\"age\":3", committed: "2026-11-29T00:00:00.123456789Z"),
                Messages.Change("insert", 5, "\"id\":6,\"name\":\"fay\"", table: "places", committed: "2026-11-29T00:00:00Z")),
            People, Places);

        Assert.Equal((6, 6, 5), (output.Read, output.Rows, output.Files));
        var keys = (await ObjectsAsync()).Keys.ToList();
        Assert.All(keys, key => Assert.True(ChangeFileName.IsOfDms(key), key));
        Assert.Equal(
            ["g001/public/people/2026/11/28/", "g001/public/people/2026/11/29/", "g001/public/people/2026/11/29/", "g001/public/people/",
                "g001/public/places/2026/11/29/"],
            keys.Select(key => key[..(key.LastIndexOf('/') + 1)]));
        Assert.Single(keys, ChangeFileName.IsLoad);
        Assert.Equal(
            "2026-11-29 00:00:00.123456",
            await Lake.AskAsync(
                Lake.Uri.Key(await WithAsync("age")), "SELECT cdc_timestamp FROM read_parquet({0}, hive_partitioning = false)"));
    }

    [Fact]
    public async Task A_change_of_a_clock_that_was_ahead_lies_in_the_folder_of_tomorrow()
    {
        await StreamAsync(People, Messages.Change("insert", 1, "\"id\":1,\"name\":\"ada\"", committed: "2999-01-01T00:00:00Z"));

        Assert.StartsWith("g001/public/people/2026/11/29/", Assert.Single(await ObjectsAsync()).Key, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_that_is_tried_again_writes_the_same_names_and_bytes()
    {
        var batch = Next(Many());
        await TranscodeAsync(batch, People);
        var first = await ObjectsAsync();

        await TranscodeAsync(batch, People);

        Assert.Equal(4, first.Count);
        Assert.Equal(first, await ObjectsAsync());
    }

    [Fact]
    public async Task A_batch_that_dies_at_any_upload_ends_with_the_same_objects_when_it_is_tried_again()
    {
        var batch = Next(Many());
        await TranscodeAsync(batch, People);
        var whole = await ObjectsAsync();
        for (var survived = 0; survived < whole.Count; survived++)
        {
            foreach (var key in whole.Keys)
                await Lake.DeleteAsync(Lake.Uri.Key(key));
            using var dying = new DyingS3(Servers.S3Server, survived);

            var fault = await Assert.ThrowsAsync<CdcDmsException>(
                () => TranscoderOf(dying, People).RunAsync(batch, TestContext.Current.CancellationToken));

            Assert.Equal(ErrorKind.Unavailable, fault.Kind);
            Assert.Contains("was not written, and its records stay in the stream", fault.Message, StringComparison.Ordinal);
            Assert.True((await ObjectsAsync()).Count <= survived);
            await TranscodeAsync(batch, People);
            Assert.Equal(whole, await ObjectsAsync());
        }
    }

    [Fact]
    public async Task Another_definition_never_gives_a_name_to_other_rows()
    {
        var batch = Next(
            Messages.Change("insert", 1, "\"id\":1,\"name\":\"0x41\""),
            Messages.Change("insert", 2, "\"id\":2,\"name\":\"0x42\",\"age\":3"));
        await TranscodeAsync(batch, People);
        var asText = await ObjectsAsync();

        await TranscodeAsync(
            batch, People with { Columns = [People.Columns![0], new() { From = "name", To = "name", Type = "bytea" }] });

        var both = await ObjectsAsync();
        Assert.Equal(4, both.Count);
        Assert.All(asText, one => Assert.Equal(one.Value, both[one.Key]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_definition_that_leaves_key_or_types_to_the_target_is_refused(bool hasKey)
    {
        var incomplete = hasKey ? People with { Columns = [new() { From = "id", To = "id" }] } : People with { Key = null };

        var fault = Assert.Throws<CdcDmsException>(() => DefinedTables.Of([incomplete]));

        Assert.Equal(ErrorKind.BadDefinition, fault.Kind);
        Assert.StartsWith("The definition of public.people does not name its key and the type", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_definition_that_orders_by_timestamps_is_refused_since_changes_of_one_transaction_come_in_any_order()
    {
        var fault = Assert.Throws<CdcDmsException>(() => DefinedTables.Of([People with { Ordering = ChangeOrdering.Timestamp }]));

        Assert.Equal(ErrorKind.BadDefinition, fault.Kind);
        Assert.StartsWith("The definition of public.people orders changes by timestamps", fault.Message, StringComparison.Ordinal);
    }

    private static string[] Many() =>
    [
        .. Enumerable.Range(1, 5000).Select(
            id => Messages.Change("insert", id, $"\"id\":{id},\"name\":{(id % 3 == 0 ? "null" : $"\"n{id}\"")}")),
        Messages.Load("\"id\":7,\"name\":\"ada\""),
        Messages.Change("update", 9000, "\"id\":8,\"name\":\"ada\"", "\"id\":7"),
        "poison",
    ];

    private async Task<string> WithAsync(string column)
    {
        foreach (var key in (await ObjectsAsync()).Keys)
            if (await Lake.AskAsync(
                Lake.Uri.Key(key), $"SELECT string_agg(name, ' ') FROM parquet_schema({{0}})") is { } names && names.Contains(column))
                return key;
        throw new InvalidOperationException($"No file has a column {column}.");
    }
}
