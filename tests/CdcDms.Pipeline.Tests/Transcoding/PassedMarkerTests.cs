using System.Text;

namespace CdcDms.Pipeline.Tests.Transcoding;

/// <summary>What is passed on of a marker, to which shards, and what is not.</summary>
public sealed class PassedMarkerTests(TestServers servers) : StreamFixture(servers)
{
    [Fact]
    public async Task A_marker_is_passed_on_byte_by_byte_whatever_else_its_message_holds()
    {
        var marker = Messages.Marker(1, 1).Replace(
            "\"written_at\"", "\"é\":{\"half\":\"\\ud83d\"},\"written_at\"", StringComparison.Ordinal);

        var output = await StreamAsync(People, marker + "\n");

        Assert.Equal((1, 0), (output.Passed, output.Rejected));
        var passage = Encoding.UTF8.GetString(Stream.Open[0].Records.Single().Data.Span);
        var end = marker.IndexOf("},\"metadata\"", StringComparison.Ordinal);
        Assert.StartsWith(marker[..end] + ",\"shard\":", passage, StringComparison.Ordinal);
        Assert.EndsWith(marker[end..] + "\n", passage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_marker_that_a_record_of_the_stream_may_not_hold_with_its_passage_is_rejected()
    {
        var marker = Messages.Marker(1, 1).Replace("10:00:00.1Z", new string('é', 1 << 15), StringComparison.Ordinal);

        var output = await StreamAsync(People, marker, Messages.Marker(2, 2));

        Assert.Equal((1, 1), (output.Passed, output.Rejected));
    }

    [Fact]
    public async Task A_marker_is_not_passed_on_by_a_list_that_lacks_the_shard_of_a_hash_key()
    {
        Stream.Split(Stream.Open[0]);
        Stream.Split(Stream.Open[0]);
        foreach (var missing in Stream.List)
        {
            Stream.Listed = [.. Stream.List.Where(shard => shard != missing)];
            await AssertNotPassedAsync($"no open shard was listed for the hash key {missing.First}");
        }

        Stream.Listed = [];
        await AssertNotPassedAsync("no open shard was listed for the hash key 0");
        Assert.All(Stream.Open, shard => Assert.Empty(shard.Records));
    }

    [Fact]
    public async Task A_marker_is_not_passed_on_by_a_list_that_is_older_than_the_shards()
    {
        Stream.Listed = Stream.List;
        Stream.Split(Stream.Open[0]);
        await AssertNotPassedAsync("shardId-000000000000, which was listed as open, did not take it, but shardId-000000000001 did");

        Stream.Listed = Stream.List;
        Stream.Merge(Stream.Open[0]);
        await AssertNotPassedAsync("shardId-000000000001, which was listed as open, did not take it, but shardId-000000000003 did");

        // What other shards took in place of those that were listed says nothing, wherever the marker went.
        foreach (var shard in Stream.All.Where(shard => shard.Records.Count > 0))
            Assert.Equal(shard.Records.Count, (await TranscodeAsync(BatchOf(shard.Id, shard.Records), People)).Ignored);
        await MarkersAsync();
        Assert.Null(await NewestInLakeAsync());
    }

    [Fact]
    public async Task Changes_and_markers_that_waited_in_the_stream_for_days_are_merged_with_the_next_ones()
    {
        await StreamAsync(People, Messages.Change("insert", 9, "\"id\":9,\"name\":\"new\""));
        await MergeAsync(People);
        string[] late = [.. new[] { "2026-11-20", "2026-11-24", "2026-11-27" }.Select((day, at) => Messages.Change(
            "insert", at + 1, $"\"id\":{at + 1},\"name\":\"{day}\"", committed: $"{day}T10:00:00Z"))];

        var marker = Messages.Marker(1, 5).Replace("2026-11-28T10", "2026-11-20T10", StringComparison.Ordinal);

        var output = await StreamAsync(People, [.. late, marker]);
        await TranscodeAsync(Next(Stream.Open[0].Records.Single().Data.ToArray()), People);
        await MergeAsync(People);
        await MarkersAsync();

        Assert.Equal(3, output.Files);
        Assert.Equal("1=2026-11-20 2=2026-11-24 3=2026-11-27 9=new", await PeopleAsync());
        await AssertAnswerAsync<long>(1, "SELECT count(*) FROM cdc.markers");
    }

    private async Task AssertNotPassedAsync(string why)
    {
        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => StreamAsync(People, Messages.Marker(1, 1)));
        Assert.Equal(
            (ErrorKind.Unavailable,
                $"A marker was not passed on to every shard: {why}; the records that were read with it are read again."),
            (fault.Kind, fault.Message));
    }
}
