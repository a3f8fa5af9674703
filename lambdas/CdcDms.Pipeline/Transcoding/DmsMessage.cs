using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>
/// What DMS writes into a Kinesis stream for one change: the members of <c>data</c>, <c>before-image</c> and <c>metadata</c>, in any order
/// (AWS: Using Amazon Kinesis Data Streams as a target). It is read token by token: the text of a number is what stands there, which no
/// number of a program need be able to hold. One object reads one message after another.
/// </summary>
internal sealed class DmsMessage
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<MessageMember> _data = [];
    private readonly List<MessageMember> _before = [];
    private readonly List<MessageMember> _metadata = [];
    private bool _hasMetadata;

    /// <summary>The row: of a delete at least its key, of all others the whole image.</summary>
    public IReadOnlyList<MessageMember> Data => _data;

    /// <summary>Columns as they were before an update.</summary>
    public IReadOnlyList<MessageMember> Before => _before;

    /// <summary>Whether the message has a row.</summary>
    public bool HasData { get; private set; }

    /// <summary>Where the brace that ends the row stands in the message's bytes.</summary>
    public int DataEnd { get; private set; }

    /// <summary>A text of the metadata; none where the message does not have it.</summary>
    public MessageText Metadata(ReadOnlySpan<byte> name) => Find(_metadata, name);

    /// <summary>The value of one of some members; none where it is not among them.</summary>
    public MessageText Find(IReadOnlyList<MessageMember> members, ReadOnlySpan<byte> name)
    {
        for (var index = 0; index < members.Count; index++)
            if (this[members[index].Name].SequenceEqual(name))
                return members[index].Value;
        return default;
    }

    /// <summary>The bytes of a text of this message, until the next one is read.</summary>
    public ReadOnlySpan<byte> this[MessageText text] => _bytes.WrittenSpan.Slice(text.Start, text.Length);

    /// <summary>A text of this message as a string.</summary>
    public string String(MessageText text) => Encoding.UTF8.GetString(this[text]);

    /// <summary>Reads a message, on one line or several, with or without an end of line.</summary>
    /// <exception cref="MessageException">The bytes are no JSON object with metadata, or more than one.</exception>
    public void Read(ReadOnlySpan<byte> json)
    {
        _bytes.ResetWrittenCount();
        _data.Clear();
        _before.Clear();
        _metadata.Clear();
        (HasData, _hasMetadata) = (false, false);
        if (!Utf8.IsValid(json))
            throw new MessageException("it is no UTF-8");
        try
        {
            ReadObject(json);
        }
        // The second is of an escape that is half of a character.
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new MessageException("it is no JSON text, or more than one", fault);
        }

        if (!_hasMetadata)
            throw new MessageException("it has no metadata");
    }

    private void ReadObject(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        Open(ref reader, "it");
        while (NextName(ref reader))
        {
            if (reader.ValueTextEquals("data"u8))
            {
                HasData = ReadMembers(json, ref reader, _data, HasData, "data");
                DataEnd = (int)reader.TokenStartIndex;
            }
            else if (reader.ValueTextEquals("before-image"u8))
                ReadMembers(json, ref reader, _before, _before.Count > 0, "before-image");
            else if (reader.ValueTextEquals("metadata"u8))
                _hasMetadata = ReadMembers(json, ref reader, _metadata, _hasMetadata, "metadata");
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        // Anything but blanks behind the object is a fault here.
        while (reader.Read())
        {
        }
    }

    private bool ReadMembers(ReadOnlySpan<byte> json, ref Utf8JsonReader reader, List<MessageMember> members, bool again, string what)
    {
        if (again)
            throw new MessageException($"it has {what} twice");
        Open(ref reader, $"its {what}");
        while (NextName(ref reader))
        {
            var name = Text(ref reader);
            reader.Read();
            members.Add(new MessageMember(name, Value(json, ref reader)));
        }

        return true;
    }

    // A list or an object is copied as it stands: PostgreSQL decides whether it is a value of the column.
    private MessageText Value(ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return default;
            case JsonTokenType.String:
                return Text(ref reader);
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                return Copied(json[start..(int)reader.BytesConsumed]);
            default:
                return Copied(reader.ValueSpan);
        }
    }

    private MessageText Text(ref Utf8JsonReader reader)
    {
        var start = _bytes.WrittenCount;
        var length = reader.CopyString(_bytes.GetSpan(reader.ValueSpan.Length));
        _bytes.Advance(length);
        return new MessageText(start, length, IsThere: true);
    }

    private MessageText Copied(ReadOnlySpan<byte> text)
    {
        var start = _bytes.WrittenCount;
        _bytes.Write(text);
        return new MessageText(start, text.Length, IsThere: true);
    }

    private static void Open(ref Utf8JsonReader reader, string what)
    {
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            throw new MessageException($"{what} is no JSON object");
    }

    private static bool NextName(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType is JsonTokenType.PropertyName;
}
