using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.DuckDb;

namespace CdcDms.Local.Capture;

/// <summary>
/// A change file that is being filled: rows of text in a DuckDB table, converted to Parquet by one statement when it is closed.
/// LOAD and CDC files go the same way, so that a value has the same form in both.
/// </summary>
internal sealed class ChangeFile : IDisposable
{
    private const string Staging = "change_file";

    // DMS's row groups have 10,000 rows (docs/dms-contract.md#s3-settings). DuckDB fills them in vectors of 2,048, so this gives 10,240.
    private const int RowGroupRows = 10_000;

    private readonly TableName _table;
    private readonly DuckDbConnection _connection;
    private readonly DuckDbTextAppender _appender;

    public ChangeFile(DuckDbDatabase database, TableName table, IReadOnlyList<ParquetColumn> columns)
    {
        ParquetTypes.CheckNames(table.ToString(), columns);
        _table = table;
        Columns = columns;
        _connection = database.Connect();
        // DMS's files hold changes in the order of their capture.
        _connection.Execute("SET preserve_insertion_order = true");
        // Temporary, so that each connection's table is its own.
        _connection.Execute($"CREATE TEMP TABLE {Staging} (op VARCHAR, time VARCHAR, {string.Concat(columns.Index().Select(column => $"{Text(column.Index)} VARCHAR, "))}version VARCHAR)");
        _appender = _connection.AppendText(Staging);
    }

    /// <summary>The table's columns in this file.</summary>
    public IReadOnlyList<ParquetColumn> Columns { get; }

    /// <summary>Rows so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Bytes of text so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Begins a row; its columns' values follow, then <see cref="EndRow"/>.</summary>
    public void BeginRow(ReadOnlySpan<byte> operation, ReadOnlySpan<byte> timestamp)
    {
        _appender.Append(operation);
        _appender.Append(timestamp);
    }

    /// <summary>The row's next value, PostgreSQL's text in UTF-8.</summary>
    public void Append(ReadOnlySpan<byte> text)
    {
        _appender.Append(text);
        Bytes += text.Length;
    }

    /// <summary>The row's next value is NULL.</summary>
    public void AppendNull() => _appender.AppendNull();

    /// <summary>Ends the row.</summary>
    public void EndRow(ReadOnlySpan<byte> version)
    {
        _appender.Append(version);
        _appender.EndRow();
        Rows++;
        // Op, timestamp and version weigh as much as a short row; files of many small rows would grow far above the limit without them.
        Bytes += 1 + 26 + version.Length;
    }

    /// <summary>Writes the rows to a Parquet file. The file takes no more.</summary>
    /// <exception cref="CdcDmsException">A value does not fit into DMS's type for its column.</exception>
    public void WriteTo(string path)
    {
        _appender.Close();
        var values = Columns.Index().Select(column => $"{column.Item.From(Text(column.Index))} AS {DuckDbSql.Identifier(column.Item.Name)}, ");
        var rows = $"SELECT op AS {ChangeColumns.Operation}, time AS {ChangeColumns.Timestamp}, {string.Concat(values)}version AS {ChangeColumns.Version} FROM {Staging}";
        try
        {
            _connection.Execute($"COPY ({rows}) TO {DuckDbSql.Literal(path)} (FORMAT parquet, PARQUET_VERSION v1, COMPRESSION gzip, ROW_GROUP_SIZE {RowGroupRows})");
        }
        catch (DuckDbException fault)
        {
            throw Explain(fault);
        }
    }

    private CdcDmsException Explain(DuckDbException fault)
    {
        foreach (var (index, column) in Columns.Index())
        {
            try
            {
                _connection.Count($"SELECT count({column.From(Text(index))}) FROM {Staging}");
            }
            catch (DuckDbException reason)
            {
                return new CdcDmsException(ErrorKind.BadData,
                    $"Column {column.Name} of table {_table} has a value that {column.Type}, DMS's type for it, cannot hold ({FirstLine(reason)}); "
                    + "change the value or the column's type at the source and capture into a new prefix.", reason);
            }
        }

        return new CdcDmsException(ErrorKind.Unavailable, $"A file of table {_table} cannot be written: {FirstLine(fault)}.", fault);
    }

    private static string FirstLine(DuckDbException fault) => fault.Message.Split('\n')[0].TrimEnd('.');

    private static string Text(int column) => $"c{column}";

    /// <inheritdoc/>
    public void Dispose()
    {
        _appender.Dispose();
        _connection.Dispose();
    }
}
