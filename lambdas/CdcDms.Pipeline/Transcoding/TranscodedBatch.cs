using System.Text;
using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>What the records of a batch are: rows of change files, or something that is counted. Nothing is written yet.</summary>
internal sealed class TranscodedBatch
{
    private static readonly byte[] MarkerSchema = Encoding.UTF8.GetBytes(MarkerTable.Name.Schema);
    private static readonly byte[] MarkerName = Encoding.UTF8.GetBytes(MarkerTable.Name.Name);

    private readonly StreamedFiles _files;
    private readonly List<MarkerMessage> _markers = [];
    private readonly SortedDictionary<string, int> _alterations = new(StringComparer.Ordinal);

    private TranscodedBatch(DefinedTables tables) => _files = new StreamedFiles(tables);

    /// <summary>The change files.</summary>
    public IEnumerable<StreamedFile> Files => _files.All;

    /// <summary>The records that could not be understood.</summary>
    public RejectedRecords Rejected { get; } = new();

    /// <summary>Messages of markers that still have to go through all shards, so that they are no rows yet.</summary>
    public IReadOnlyList<MarkerMessage> Markers => _markers;

    /// <summary>Messages about tables and columns.</summary>
    public int Control { get; private set; }

    /// <summary>Those of them that tell of a change, by their operation.</summary>
    public IReadOnlyDictionary<string, int> Alterations => _alterations;

    /// <summary>Rows of DMS's own tables, and passages of markers that another shard took than the one for which they were put.</summary>
    public int Ignored { get; private set; }

    /// <summary>Reads all records.</summary>
    public static TranscodedBatch Read(StreamBatch given, DefinedTables tables)
    {
        var (batch, message) = (new TranscodedBatch(tables), new DmsMessage());
        foreach (var record in given.Records)
            try
            {
                message.Read(record.Data.Span);
                batch.Take(record, message, given.Range.ShardId);
            }
            catch (MessageException fault)
            {
                batch.Rejected.Add(record, fault.Message);
            }

        return batch;
    }

    private void Take(StreamRecord record, DmsMessage message, string shard)
    {
        var kind = MessageKind.Of(message);
        switch (kind)
        {
            case MessageKind.Control control:
                Control++;
                if (control.Alteration is { } alteration)
                    _alterations[alteration] = _alterations.GetValueOrDefault(alteration) + 1;
                break;
            case MessageKind.OfDms:
                Ignored++;
                break;
            case MessageKind.Change { Operation: (byte)'I' } when IsMarker(message) && !MarkerMessage.IsPassage(message):
                _markers.Add(MarkerMessage.Of(record.Data, message));
                break;
            case MessageKind.Change { Operation: (byte)'I' } when IsMarker(message) && !MarkerMessage.IsPassageOf(shard, message):
                Ignored++;
                break;
            default:
                _files.Add(message, kind);
                break;
        }
    }

    private static bool IsMarker(DmsMessage message) =>
        message[message.Metadata("table-name"u8)].SequenceEqual(MarkerName)
        && message[message.Metadata("schema-name"u8)].SequenceEqual(MarkerSchema);
}
