using System.IO.Compression;
using System.Text;
using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using Parquet;
using Parquet.Schema;

namespace CdcDms.Local.ChangeFiles;

/// <summary>
/// A change file that is being written, physically as DMS writes it (docs/dms-contract.md#parquet-types): one row group after another,
/// so that it takes the memory of one. LOAD and CDC files go the same way, so that a value has the same form in both.
/// </summary>
internal sealed class ChangeFile : IAsyncDisposable
{
    /// <summary>Rows of every row group but the last (docs/dms-contract.md#s3-settings).</summary>
    public const int RowGroupRows = 10_000;

    // Op, timestamp and sequence weigh as much as a short row; files of many small rows would grow far above the limit without them.
    private const int TimestampBytes = 26;
    private const int OperationBytes = 1;
    private const int ColumnsOfDms = 3;

    // The first buffers of a column, and what the buffers have for each value beside its text: its level, its end, its place.
    private const int BytesOfColumn = 8192;
    private const int BytesOfValue = 16;

    private const int ShownCharacters = 40;

    private readonly TableName _table;
    private readonly IReadOnlyList<FileColumn> _columns;
    private readonly ColumnBuffer _operation = ColumnBuffers.Required(ChangeColumns.Operation);
    private readonly ColumnBuffer _timestamp = ColumnBuffers.Required(ChangeColumns.Timestamp);
    private readonly ColumnBuffer[] _values;
    private readonly ColumnBuffer _sequence = ColumnBuffers.Sequence();
    private readonly FileStream _stream;
    private ParquetWriter? _writer;
    private int _column;
    private long _groupBytes;

    private ChangeFile(TableName table, IReadOnlyList<FileColumn> columns, string path)
    {
        DmsTypes.CheckNames(table.ToString(), columns);
        _table = table;
        _columns = columns;
        _values = [.. columns.Select(ColumnBuffers.Of)];
        HeldBytes = _values.Length * BytesOfColumn;
        _stream = File.Create(path);
    }

    /// <summary>Where the file is.</summary>
    public string Path => _stream.Name;

    /// <summary>Rows so far.</summary>
    public long Rows { get; private set; }

    /// <summary>
    /// About the memory that the file takes, in bytes: the buffers of its largest row group so far, which are used again for the next.
    /// </summary>
    public long HeldBytes { get; private set; }

    /// <summary>Bytes of text so far.</summary>
    public long Bytes { get; private set; }

    private ColumnBuffer[] All => [_operation, _timestamp, .. _values, _sequence];

    /// <summary>Begins a file.</summary>
    /// <param name="table">The source table, for sentences.</param>
    /// <param name="columns">The table's columns in the file.</param>
    /// <param name="path">Where the file shall be.</param>
    /// <exception cref="CdcDmsException">A reader could not tell two of the columns apart.</exception>
    public static async Task<ChangeFile> CreateAsync(
        TableName table, IReadOnlyList<FileColumn> columns, string path, CancellationToken cancellationToken)
    {
        ChangeFile? file = null;
        try
        {
            file = new ChangeFile(table, columns, path);
            // A column is written by fields that belong to a schema, though not to the file's.
            _ = new ParquetSchema(file.All.Select(column => column.Written));
            var schema = new ParquetSchema(file.All.Select(column => column.Declared));
            var options = new ParquetOptions { CompressionMethod = CompressionMethod.Gzip, CompressionLevel = CompressionLevel.Optimal };
            file._writer = await ParquetWriter.CreateAsync(schema, file._stream, options, append: false, cancellationToken);
            return file;
        }
        catch (Exception fault)
        {
            if (file is not null)
                await file.DisposeAsync();
            if (fault is IOException unwritable)
                throw Unwritable(table, unwritable);
            throw;
        }
    }

    /// <summary>Begins a row; its columns' values follow, then <see cref="EndRowAsync"/>.</summary>
    public void BeginRow(ReadOnlySpan<byte> operation, ReadOnlySpan<byte> timestamp)
    {
        _operation.TryAdd(operation);
        _timestamp.TryAdd(timestamp);
        _column = 0;
    }

    /// <summary>The row's next value, PostgreSQL's text in UTF-8.</summary>
    /// <exception cref="CdcDmsException">The value does not fit into DMS's type for its column.</exception>
    public void Append(ReadOnlySpan<byte> text)
    {
        if (!_values[_column].TryAdd(text))
            throw Unfit(_columns[_column], text);
        _column++;
        Bytes += text.Length;
        _groupBytes += text.Length;
    }

    /// <summary>The row's next value is NULL.</summary>
    public void AppendNull() => _values[_column++].AddNull();

    /// <summary>Ends the row, and writes the row group that it completes.</summary>
    public ValueTask EndRowAsync(ReadOnlySpan<byte> version, CancellationToken cancellationToken)
    {
        _sequence.TryAdd(version);
        Rows++;
        var ofDms = OperationBytes + TimestampBytes + version.Length;
        Bytes += ofDms;
        _groupBytes += ofDms + (_columns.Count + ColumnsOfDms) * BytesOfValue;
        HeldBytes = Math.Max(HeldBytes, _values.Length * BytesOfColumn + _groupBytes);
        return Rows % RowGroupRows == 0 ? new ValueTask(WriteRowGroupAsync(cancellationToken)) : default;
    }

    /// <summary>Completes the file, which takes no more rows.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        if (Rows % RowGroupRows != 0)
            await WriteRowGroupAsync(cancellationToken);
        try
        {
            // The library writes the footer here.
            await _writer!.DisposeAsync();
            await _stream.DisposeAsync();
        }
        catch (IOException fault)
        {
            throw Unwritable(_table, fault);
        }
    }

    private async Task WriteRowGroupAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var group = _writer!.CreateRowGroup();
            foreach (var column in All)
                await column.WriteAsync(group, cancellationToken);
            group.CompleteValidate();
            _groupBytes = 0;
        }
        catch (IOException fault)
        {
            throw Unwritable(_table, fault);
        }
    }

    private static CdcDmsException Unwritable(TableName table, IOException fault) => new(
        ErrorKind.Unavailable,
        $"A file of table {table} cannot be written ({fault.Message.TrimEnd('.')}); make room in the folder for temporary files (TMPDIR) "
        + "and start the capture again.",
        fault);

    private CdcDmsException Unfit(FileColumn column, ReadOnlySpan<byte> text)
    {
        var value = Encoding.UTF8.GetString(text);
        var shown = value.Length > ShownCharacters ? $"{value[..ShownCharacters]}…" : value;
        return new CdcDmsException(ErrorKind.BadData,
            $"Column {column.Name} of table {_table} has a value that {column.TypeName}, DMS's type for it, cannot hold ({shown}); "
            + "change the value or the column's type at the source.");
    }

    /// <summary>Gives the file up unless it is complete.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _stream.DisposeAsync();
        }
        catch (IOException)
        {
            // The stream tries to write what it still holds; of a file that is given up nothing is missed, and the fault that made it so
            // must not be replaced.
        }
    }
}
