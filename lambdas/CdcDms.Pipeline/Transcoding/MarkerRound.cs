using System.Buffers;
using System.Text.Json;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>
/// A marker's way through a stream. Changes that were committed before a marker may wait in other shards when it is read in its own. So it
/// becomes a row of the lake only after it went through every shard that was open when it was first read: it is put into one after the
/// other, each time when all that was read with it is in the lake. It is put by a shard's first hash key: of a shard that was split or
/// merged meanwhile, a child takes it, and children are read after their parents (AWS: Lambda, Kinesis event source mappings).
/// </summary>
internal static class MarkerRound
{
    /// <summary>The member of a marker's message that lists the first hash keys of the shards that are left.</summary>
    public static ReadOnlySpan<byte> Member => "cdcdms-round"u8;

    /// <summary>Reads the list.</summary>
    /// <exception cref="MessageException">It is no list of hash keys.</exception>
    public static IReadOnlyList<string> Read(ref Utf8JsonReader reader)
    {
        var left = new List<string>();
        var isList = reader.Read() && reader.TokenType is JsonTokenType.StartArray;
        while (isList && reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
            if (reader.TokenType is JsonTokenType.String && reader.GetString() is { Length: > 0 } key && key.All(char.IsAsciiDigit))
                left.Add(key);
            else
                isList = false;
        return isList ? left : throw new MessageException("its round is no list of hash keys");
    }

    /// <summary>A marker's message with another list.</summary>
    public static byte[] Write(ReadOnlyMemory<byte> message, IEnumerable<string> left)
    {
        using var parsed = JsonDocument.Parse(message);
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            foreach (var member in parsed.RootElement.EnumerateObject())
                if (!member.NameEquals(Member))
                    member.WriteTo(json);
            json.WriteStartArray(Member);
            foreach (var key in left)
                json.WriteStringValue(key);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }
}

/// <summary>A marker that a batch read in the middle of its round, or at the beginning.</summary>
/// <param name="Message">Its message.</param>
/// <param name="Left">First hash keys of the shards where it still has to go; null at the beginning.</param>
internal sealed record MarkerOnRound(ReadOnlyMemory<byte> Message, IReadOnlyList<string>? Left);
