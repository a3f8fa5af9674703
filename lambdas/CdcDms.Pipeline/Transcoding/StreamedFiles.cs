using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>
/// The change files of a batch, in the order in which the batch needed them. Messages that look alike go the same way without their names
/// being looked at one by one.
/// </summary>
internal sealed class StreamedFiles(DefinedTables tables)
{
    private static readonly byte[] LoadsDay = new byte[DayLength];
    private const int DayLength = 10;

    private readonly Dictionary<byte[], RowLayout> _layouts = new(new SameBytes());
    private readonly Dictionary<string, StreamedFile> _files = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> _look = new();
    private readonly List<StreamedFile> _inOrder = [];

    /// <summary>The files.</summary>
    public IEnumerable<StreamedFile> All => _inOrder.Where(file => file.Rows > 0);

    /// <summary>Adds the row of a message to its file.</summary>
    /// <exception cref="MessageException">The message cannot be understood; then nothing is added.</exception>
    public void Add(DmsMessage message, MessageKind kind)
    {
        Span<byte> timestamp = stackalloc byte[ChangeTimestamp.Length];
        var change = kind as MessageKind.Change;
        var time = message.Metadata(change is null ? "timestamp"u8 : "commit-timestamp"u8);
        if (!ChangeTimestamp.TryWrite(message[time], timestamp, out var day))
            throw new MessageException(
                change is null
                    ? "its timestamp is no time"
                    : "its commit-timestamp is no time (the endpoint's IncludeTransactionDetails makes DMS send it)");
        var isUpdate = change is { Operation: (byte)'U' };
        Look(message, change is null ? LoadsDay : timestamp[..DayLength], isUpdate);
        var layouts = _layouts.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!layouts.TryGetValue(_look.WrittenSpan, out var layout))
        {
            layout = Lay(message, change is null ? null : day, isUpdate);
            layouts[_look.WrittenSpan] = layout;
        }

        layout.Add(change?.Operation ?? (byte)'I', timestamp, message);
    }

    private RowLayout Lay(DmsMessage message, DateOnly? committed, bool isUpdate)
    {
        var table = tables[new TableName(
            message.String(message.Metadata("schema-name"u8)), message.String(message.Metadata("table-name"u8)))];
        var columns = RowLayout.ColumnsOf(message, isUpdate, table);
        var key = string.Join('\0', [table.Name.ToString(), $"{committed:O}", .. columns]);
        if (!_files.TryGetValue(key, out var file))
        {
            _files[key] = file = new StreamedFile(table, committed, columns);
            _inOrder.Add(file);
        }

        return RowLayout.Of(message, file, table);
    }

    // Two looks cannot run into each other: a name of PostgreSQL has no zero byte.
    private void Look(DmsMessage message, ReadOnlySpan<byte> day, bool isUpdate)
    {
        _look.ResetWrittenCount();
        Put(message[message.Metadata("schema-name"u8)]);
        Put(message[message.Metadata("table-name"u8)]);
        _look.Write(day);
        Put(isUpdate ? "U"u8 : ""u8);
        for (var index = 0; isUpdate && index < message.Before.Count; index++)
            Put(message[message.Before[index].Name]);
        Put(""u8);
        for (var index = 0; index < message.Data.Count; index++)
            Put(message[message.Data[index].Name]);
    }

    private void Put(ReadOnlySpan<byte> text)
    {
        if (text.Contains((byte)0))
            throw new MessageException("it has a name with a character U+0000");
        _look.Write(text);
        _look.Write("\0"u8);
    }

    private sealed class SameBytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
