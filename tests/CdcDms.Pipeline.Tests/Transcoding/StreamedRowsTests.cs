using CdcDms.Pipeline.Markers;

namespace CdcDms.Pipeline.Tests.Transcoding;

/// <summary>What the merge makes of a stream's rows.</summary>
public sealed class StreamedRowsTests(TestServers servers) : StreamFixture(servers)
{
    private static readonly TableDefinition OfTwo = People with
    {
        Key = ["shop", "id"],
        Columns = [.. People.Columns!, new() { From = "shop", To = "shop", Type = "integer" }],
    };

    private static readonly string Moved = Messages.Change("update", 20, "\"id\":45,\"name\":\"Jane\"", "\"id\":46");

    [Fact]
    public async Task Rows_of_a_full_load_fill_gaps_and_lose_to_every_change_whichever_comes_first()
    {
        await StreamAsync(
            People, Messages.Change("update", 5, "\"id\":1,\"name\":\"new\""), Messages.Change("delete", 6, "\"id\":2,\"name\":null"));
        await MergeAsync(People);
        await StreamAsync(
            People, Messages.Load("\"id\":1,\"name\":\"old\""), Messages.Load("\"id\":2,\"name\":\"gone\""),
            Messages.Load("\"id\":3,\"name\":\"\""), Messages.Load("\"id\":4,\"name\":null"));

        var rows = await MergeAsync(People);

        Assert.Equal(new RowCounts { Read = 4, Inserted = 2, Stale = 2 }, rows);
        Assert.Equal("1=new 3= 4=∅", await PeopleAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_changed_key_moves_its_row_in_either_order_and_when_it_comes_again(bool backwards)
    {
        string[] messages = [Messages.Change("insert", 10, "\"id\":46,\"name\":\"Jane\""), Moved];
        foreach (var message in backwards ? messages.Reverse() : messages)
        {
            await StreamAsync(People, message);
            await MergeAsync(People);
        }

        await StreamAsync(People, [.. messages, Moved]);
        var again = await MergeAsync(People);

        Assert.Equal("45=Jane", await PeopleAsync());
        Assert.Equal((3, 0, 0), (again.Read, again.Inserted, again.Updated));
    }

    [Fact]
    public async Task An_old_key_of_which_only_the_changed_column_is_told_is_completed_by_the_row()
    {
        await StreamAsync(
            OfTwo,
            Messages.Change("insert", 1, "\"shop\":7,\"id\":1,\"name\":\"ada\""),
            Messages.Change("insert", 2, "\"shop\":8,\"id\":1,\"name\":\"bob\""),
            Messages.Change("update", 3, "\"shop\":7,\"id\":2,\"name\":\"ada\"", "\"id\":1"));

        var rows = await MergeAsync(OfTwo);

        Assert.Equal((1, 0), (rows.Moved, rows.Quarantined));
        await AssertAnswerAsync<string>(
            "7 2 ada, 8 1 bob", "SELECT string_agg(concat_ws(' ', shop, id, name), ', ' ORDER BY shop) FROM analytics.people");
    }

    [Fact]
    public async Task An_old_key_of_which_the_rule_of_the_direct_route_tells_a_part_is_completed_as_well()
    {
        await StreamAsync(
            OfTwo,
            Messages.Change("insert", 1, "\"shop\":7,\"id\":1,\"name\":\"ada\""),
            Messages.Change("update", 2, "\"shop\":7,\"id\":2,\"name\":\"ada\",\"BI_id\":1"));

        var rows = await MergeAsync(OfTwo);

        Assert.Equal((1, 0), (rows.Moved, rows.Quarantined));
        await AssertAnswerAsync<string>("7 2", "SELECT string_agg(concat_ws(' ', shop, id), ', ') FROM analytics.people");
    }

    [Fact]
    public async Task Before_images_by_the_rule_of_the_direct_route_move_rows_as_well()
    {
        await StreamAsync(
            People, Messages.Change("insert", 1, "\"id\":1,\"name\":\"ada\",\"BI_id\":null"),
            Messages.Change("update", 2, "\"id\":2,\"name\":\"ada\",\"BI_id\":1"));

        var rows = await MergeAsync(People);

        Assert.Equal(1, rows.Moved);
        Assert.Equal("2=ada", await PeopleAsync());
    }

    [Fact]
    public async Task A_delete_that_tells_its_key_alone_leaves_the_last_image_of_a_row_that_is_deleted_softly()
    {
        var soft = People with { Deletes = DeleteMode.Soft };
        await StreamAsync(soft, Messages.Change("insert", 1, "\"id\":45,\"name\":\"Jane\""));
        await StreamAsync(soft, Messages.Change("delete", 2, "\"id\":45,\"name\":null"));

        await MergeAsync(soft);

        Assert.Equal("45=Jane", await PeopleAsync());
        await AssertAnswerAsync<long>(1, "SELECT count(*) FROM analytics.people WHERE _cdc_deleted");
    }

    [Theory]
    [InlineData(25)]
    [InlineData(26)]
    [InlineData(27)]
    [InlineData(28)]
    public async Task A_column_that_messages_lack_is_not_touched_by_them_and_null_empties_it(int day)
    {
        // Hashes in the names of the two files follow the day.
        var committed = $"2026-11-{day}T10:00:00Z";
        await StreamAsync(
            People,
            Messages.Change("insert", 1, "\"id\":1,\"name\":\"ada\"", committed: committed),
            Messages.Change("update", 2, "\"id\":1", committed: committed),
            Messages.Change("insert", 3, "\"id\":2,\"name\":\"bob\"", committed: committed),
            Messages.Change("update", 4, "\"id\":2,\"name\":null", committed: committed));

        await MergeAsync(People);

        Assert.Equal("1=ada 2=∅", await PeopleAsync());
    }

    [Fact]
    public async Task A_change_without_a_sequence_is_put_aside_as_malformed()
    {
        var without = Messages.Change("insert", 1, "\"id\":1,\"name\":\"ada\"")
            .Replace($",\"cdc_change_seq\":\"{TestLake.Sequence(1)}\"", "", StringComparison.Ordinal);
        await StreamAsync(People, without, Messages.Change("insert", 2, "\"id\":2,\"name\":\"bob\""));

        var rows = await MergeAsync(People);

        Assert.Equal(new RowCounts { Read = 2, Inserted = 1, Quarantined = 1 }, rows);
        Assert.Contains("is no change sequence of 35 digits", Assert.Single(await QuarantineAsync()).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_DMS_and_files_of_a_stream_are_merged_alike()
    {
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name UNION ALL SELECT 2, 'bob'");
        await StreamAsync(
            People, Messages.Change("update", 2, "\"id\":1,\"name\":\"ada 2\""), Messages.Change("insert", 3, "\"id\":3,\"name\":\"cid\""));
        await Lake.ChangeAsync(People, 'U', 4, 3, "cid 4");
        await Lake.ChangeAsync(People, 'U', 1, 1, "ada 1");
        await StreamAsync(People, Messages.Change("delete", 5, "\"id\":2"));

        await MergeAsync(People);

        Assert.Equal("1=ada 2 3=cid 4", await PeopleAsync());
    }

    [Fact]
    public async Task The_table_of_markers_comes_without_a_definition()
    {
        await StreamAsync(People, Messages.Marker(1, 1));
        await TranscodeAsync(Next(Stream.Open[0].Records.Single().Data.ToArray()), People);

        var merged = await new MarkerJob(Lake.Reader, Analytics.ConnectionString).MergeAsync(CancellationToken.None);

        Assert.Equal((1, 0), (merged.Files, merged.FilesRejected));
        await AssertAnswerAsync<long>(1, "SELECT max(number) FROM cdc.markers");
    }
}
