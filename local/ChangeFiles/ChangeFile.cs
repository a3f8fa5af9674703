using System.IO.Compression;
using System.Text;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using Parquet;

namespace CdcDms.Local.ChangeFiles;

/// <summary>
/// A change file that is being written, physically as DMS writes it (docs/dms-contract.md#parquet-types): one row group after another, so
/// that it takes the memory of one, or of two small ones: one is written while the next is filled. LOAD and CDC files go the same way, so
/// that a value has the same form in both.
/// </summary>
internal sealed class ChangeFile : IAsyncDisposable
{
    /// <summary>Rows of every row group but the last (docs/dms-contract.md#s3-settings).</summary>
    public const int RowGroupRows = 10_000;

    // A larger row group is written before the next row is taken: its memory is used again.
    private const long MostBesideAnother = 32 << 20;

    private const int ShownCharacters = 40;

    private readonly TableName _table;
    private readonly IReadOnlyList<FileColumn> _columns;
    private readonly FileStream _stream;
    private ParquetWriter? _writer;
    private RowGroup _filled;
    private RowGroup? _written;
    private Task _writing = Task.CompletedTask;

    private ChangeFile(TableName table, IReadOnlyList<FileColumn> columns, string path)
    {
        DmsTypes.CheckNames(table.ToString(), columns);
        _table = table;
        _columns = columns;
        _filled = new RowGroup(columns);
        _stream = File.Create(path);
    }

    /// <summary>Where the file is.</summary>
    public string Path => _stream.Name;

    /// <summary>Rows so far.</summary>
    public long Rows { get; private set; }

    /// <summary>
    /// About the memory that the file takes, in bytes: the buffers of its largest row groups so far, which are used again for the next.
    /// </summary>
    public long HeldBytes => _filled.HeldBytes + (_written?.HeldBytes ?? 0);

    /// <summary>Bytes of values so far.</summary>
    public long Bytes { get; private set; }

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
            var options = new ParquetOptions { CompressionMethod = CompressionMethod.Gzip, CompressionLevel = CompressionLevel.Optimal };
            file._writer = await ParquetWriter.CreateAsync(
                file._filled.Schema, file._stream, options, append: false, cancellationToken);
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
    public void BeginRow(ReadOnlySpan<byte> operation, ReadOnlySpan<byte> timestamp) => _filled.BeginRow(operation, timestamp);

    /// <summary>The row's next value: PostgreSQL's text in UTF-8, or its binary format if the column says so.</summary>
    /// <exception cref="CdcDmsException">The value does not fit into DMS's type for its column.</exception>
    public void Append(ReadOnlySpan<byte> sent)
    {
        if (!_filled.TryAppend(sent))
            throw Unfit(_columns[_filled.Column], sent);
        Bytes += sent.Length;
    }

    /// <summary>The row's next value is NULL.</summary>
    public void AppendNull() => _filled.AppendNull();

    /// <summary>Ends the row, and begins to write the row group that it completes.</summary>
    public ValueTask EndRowAsync(ReadOnlySpan<byte> version, CancellationToken cancellationToken)
    {
        Bytes += _filled.EndRow(version);
        Rows++;
        return _filled.Rows == RowGroupRows ? new ValueTask(BeginWriteAsync(cancellationToken)) : default;
    }

    /// <summary>Completes the file, which takes no more rows.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await _writing;
        if (_filled.Rows > 0)
            await WriteAsync(_filled, cancellationToken);
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

    private async Task BeginWriteAsync(CancellationToken cancellationToken)
    {
        await _writing;
        if (_filled.HeldBytes > MostBesideAnother)
        {
            await WriteAsync(_filled, cancellationToken);
            return;
        }

        var complete = _filled;
        (_filled, _written) = (_written ?? new RowGroup(_columns), complete);
        _writing = Task.Run(() => WriteAsync(complete, cancellationToken), CancellationToken.None);
    }

    private async Task WriteAsync(RowGroup group, CancellationToken cancellationToken)
    {
        try
        {
            await group.WriteAsync(_writer!, cancellationToken);
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

    private CdcDmsException Unfit(FileColumn column, ReadOnlySpan<byte> sent)
    {
        var value = column.IsBinary ? BinaryValues.Shown(column, sent) : Encoding.UTF8.GetString(sent);
        var shown = value.Length > ShownCharacters ? $"{value[..ShownCharacters]}…" : value;
        return new CdcDmsException(ErrorKind.BadData,
            $"Column {column.Name} of table {_table} has a value that {column.TypeName}, DMS's type for it, cannot hold ({shown}); "
            + "change the value or the column's type at the source.");
    }

    /// <summary>Gives the file up unless it is complete.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
