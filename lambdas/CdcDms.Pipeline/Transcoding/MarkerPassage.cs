using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>
/// A marker's passage through one shard. Changes that were committed before a marker may wait in other shards when it is read in its own.
/// So it is put once more into every shard that is open, and what is read there becomes a row of the lake: a passage. The marker has come
/// when all its passages have. It is put by a shard's first hash key: of a shard that was split or merged meanwhile, a child takes it, and
/// children are read after their parents (AWS: Lambda, Kinesis event source mappings).
/// </summary>
internal static class MarkerPassage
{
    /// <summary>The message of a marker for one shard.</summary>
    /// <param name="marker">The message in which it was read.</param>
    /// <param name="shard">The shard's first hash key.</param>
    /// <param name="open">The first hash keys of all shards that are open.</param>
    public static byte[] Write(ReadOnlyMemory<byte> marker, string shard, IReadOnlyList<string> open)
    {
        using var parsed = JsonDocument.Parse(marker);
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            foreach (var member in parsed.RootElement.EnumerateObject())
                if (member.NameEquals("data"u8))
                    WriteData(json, member.Value, shard, open);
                else
                    member.WriteTo(json);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static void WriteData(Utf8JsonWriter json, JsonElement data, string shard, IReadOnlyList<string> open)
    {
        json.WriteStartObject("data"u8);
        foreach (var column in data.EnumerateObject())
            column.WriteTo(json);
        json.WriteString(MarkerTable.Shard, shard);
        json.WriteNumber(MarkerTable.Shards, open.Count);
        json.WriteString(MarkerTable.ShardList, NameOf(open));
        json.WriteEndObject();
    }

    // A batch that is tried again may find other shards open, and passages through these and through those say nothing together.
    private static string NameOf(IEnumerable<string> shards) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join(' ', shards.Order(StringComparer.Ordinal)))))[..16];
}
