using System.Buffers;
using System.Text.Json;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>The records of a batch that are in no change file, each as a line of JSON.</summary>
internal sealed class RejectedRecords
{
    private readonly ArrayBufferWriter<byte> _lines = new();

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The lines.</summary>
    public Stream Lines => new MemoryStream(_lines.WrittenSpan.ToArray());

    /// <summary>Keeps a record.</summary>
    public void Add(StreamRecord record, string reason)
    {
        using (var json = new Utf8JsonWriter(_lines))
            JsonSerializer.Serialize(
                json, new RejectedRecord(record.SequenceNumber, reason, record.Data), RejectedJson.Default.RejectedRecord);
        _lines.Write("\n"u8);
        Count++;
    }
}
