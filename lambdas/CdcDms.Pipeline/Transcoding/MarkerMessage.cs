using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CdcDms.Contract;
using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>
/// The message of a marker. Changes that were committed before a marker may wait in other shards when it is read in its own. So it is put
/// once more into every shard that is open, and what is read there becomes a row of the lake: a passage. The marker has come when all its
/// passages have. A shard that was split or merged since it was listed does not take it: the list may have been older than what waits in
/// its children, so the batch is tried again with those that are open then.
/// </summary>
internal sealed class MarkerMessage
{
    // One that DMS writes has less than a thousand. With what a passage adds, a record of Kinesis must still take it.
    private const int MostBytes = 1 << 16;

    private static readonly byte[][] Own =
        [.. new[] { MarkerTable.Shard, MarkerTable.Shards, MarkerTable.ShardList }.Select(Encoding.ASCII.GetBytes)];

    private readonly ReadOnlyMemory<byte> _json;
    private readonly int _dataEnd;

    private MarkerMessage(ReadOnlyMemory<byte> json, int dataEnd) => (_json, _dataEnd) = (json, dataEnd);

    /// <summary>The message of a record.</summary>
    /// <param name="json">The record's bytes.</param>
    /// <param name="message">What was read of them; its data has a column.</param>
    /// <exception cref="MessageException">It is too long to be put once more.</exception>
    public static MarkerMessage Of(ReadOnlyMemory<byte> json, DmsMessage message) => json.Length <= MostBytes
        ? new MarkerMessage(json, message.DataEnd)
        : throw new MessageException($"it is a marker of {json.Length} bytes, and no marker has more than {MostBytes}");

    /// <summary>Whether the insert of a marker is one that was put for a shard.</summary>
    /// <exception cref="MessageException">It tells a part of that only: it would be no passage, and no marker that can be put.</exception>
    public static bool IsPassage(DmsMessage message)
    {
        var told = Own.Count(name => message.Data.Any(member => message[member.Name].SequenceEqual(name)));
        return told is 0 || Own.All(name => message.Find(message.Data, name).IsThere)
            ? told > 0
            : throw new MessageException("it is a marker that tells a shard, and not of how many and which");
    }

    /// <summary>
    /// Whether a passage is read in the shard for which it was put. One that another shard took says nothing: the list was older than the
    /// shards.
    /// </summary>
    public static bool IsPassageOf(string shard, DmsMessage message) =>
        message[message.Find(message.Data, Own[0])].SequenceEqual(Encoding.ASCII.GetBytes(shard));

    /// <summary>Puts the message into every open shard.</summary>
    /// <exception cref="CdcDmsException">
    /// A shard did not take it, or the list was not that of the open shards; it may be in some of them.
    /// </exception>
    public async Task PutAsync(IShards shards, IReadOnlyList<OpenShard> open, CancellationToken cancellationToken)
    {
        foreach (var shard in open)
            if (await shards.PutAsync(shard.First, Passage(shard, open), cancellationToken) is var taker && taker != shard.Id)
                throw Unpassed($"{shard.Id}, which was listed as open, did not take it, but {taker} did");
    }

    /// <summary>Refuses a list in which a hash key has no shard: what waits in that shard would not be asked for.</summary>
    /// <exception cref="CdcDmsException">A hash key has none.</exception>
    public static void RefuseGaps(IEnumerable<OpenShard> open)
    {
        var covered = UInt128.Zero;
        foreach (var shard in open.OrderBy(shard => shard.First).ThenBy(shard => shard.Last))
        {
            if (shard.First > covered)
                break;
            if (shard.Last == UInt128.MaxValue)
                return;
            covered = UInt128.Max(covered, shard.Last + 1);
        }

        throw Unpassed($"no open shard was listed for the hash key {covered}");
    }

    // The bytes of the message stay as they are: whatever else is in them, nothing of it needs to be understood here.
    private byte[] Passage(OpenShard shard, IReadOnlyList<OpenShard> open)
    {
        var own = string.Create(
            CultureInfo.InvariantCulture,
            $",\"{MarkerTable.Shard}\":\"{shard.Id}\",\"{MarkerTable.Shards}\":{open.Count},"
            + $"\"{MarkerTable.ShardList}\":\"{NameOf(open)}\"");
        return [.. _json.Span[.._dataEnd], .. Encoding.ASCII.GetBytes(own), .. _json.Span[_dataEnd..]];
    }

    // A batch that is tried again may find other shards open, and passages through these and through those say nothing together.
    private static string NameOf(IEnumerable<OpenShard> open) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.ASCII.GetBytes(string.Join(' ', open.Select(shard => shard.Id).Order(StringComparer.Ordinal)))))[..16];

    private static CdcDmsException Unpassed(string why) => new(
        ErrorKind.Unavailable, $"A marker was not passed on to every shard: {why}; the records that were read with it are read again.");
}
