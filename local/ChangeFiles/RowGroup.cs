using CdcDms.Contract.Changes;
using Parquet;
using Parquet.Schema;

namespace CdcDms.Local.ChangeFiles;

/// <summary>The rows of a change file that wait for their row group to be complete, column by column.</summary>
internal sealed class RowGroup
{
    // Op, timestamp and sequence weigh as much as a short row; files of many small rows would grow far above the limit without them.
    private const int TimestampBytes = 26;
    private const int OperationBytes = 1;
    private const int ColumnsOfDms = 3;

    // The first buffers of a column, and what the buffers have for each value beside its text: its level, its end, its place.
    private const int BytesOfColumn = 8192;
    private const int BytesOfValue = 16;

    private readonly ColumnBuffer _operation = ColumnBuffers.Required(ChangeColumns.Operation);
    private readonly ColumnBuffer _timestamp = ColumnBuffers.Required(ChangeColumns.Timestamp);
    private readonly ColumnBuffer[] _values;
    private readonly ColumnBuffer _sequence = ColumnBuffers.Sequence();
    private long _bytes;
    private int _column;

    public RowGroup(IEnumerable<FileColumn> columns)
    {
        _values = [.. columns.Select(ColumnBuffers.Of)];
        HeldBytes = _values.Length * BytesOfColumn;
        // A column is written by fields that belong to a schema, though not to the file's.
        _ = new ParquetSchema(All.Select(column => column.Written));
    }

    /// <summary>The file's schema.</summary>
    public ParquetSchema Schema => new(All.Select(column => column.Declared));

    /// <summary>Rows that wait.</summary>
    public int Rows { get; private set; }

    /// <summary>About the memory that the buffers take, in bytes, since they held most.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>The place of the column whose value is to be added next.</summary>
    public int Column => _column;

    private IEnumerable<ColumnBuffer> All => [_operation, _timestamp, .. _values, _sequence];

    /// <summary>Begins a row.</summary>
    public void BeginRow(ReadOnlySpan<byte> operation, ReadOnlySpan<byte> timestamp)
    {
        _operation.TryAdd(operation);
        _timestamp.TryAdd(timestamp);
        _column = 0;
    }

    /// <summary>The row's next value.</summary>
    /// <returns>False when the column's type cannot hold it; it is not added then.</returns>
    public bool TryAppend(ReadOnlySpan<byte> sent)
    {
        if (!_values[_column].TryAdd(sent))
            return false;
        _column++;
        _bytes += sent.Length;
        return true;
    }

    /// <summary>The row's next value is NULL.</summary>
    public void AppendNull() => _values[_column++].AddNull();

    /// <summary>Ends the row.</summary>
    /// <returns>Bytes of what DMS adds to the row.</returns>
    public int EndRow(ReadOnlySpan<byte> version)
    {
        _sequence.TryAdd(version);
        Rows++;
        var ofDms = OperationBytes + TimestampBytes + version.Length;
        _bytes += ofDms + (_values.Length + ColumnsOfDms) * BytesOfValue;
        HeldBytes = Math.Max(HeldBytes, _values.Length * BytesOfColumn + _bytes);
        return ofDms;
    }

    /// <summary>Writes the rows and forgets them.</summary>
    public async Task WriteAsync(ParquetWriter writer, CancellationToken cancellationToken)
    {
        using var group = writer.CreateRowGroup();
        foreach (var column in All)
            await column.WriteAsync(group, cancellationToken);
        group.CompleteValidate();
        (Rows, _bytes) = (0, 0);
    }
}
