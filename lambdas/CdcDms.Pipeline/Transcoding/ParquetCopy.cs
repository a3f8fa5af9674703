using CdcDms.Contract;
using CdcDms.DuckDb;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>
/// Writes change files as Parquet. The same rows give the same bytes, as long as DuckDB is of one version: one thread writes them, in
/// their order.
/// </summary>
internal sealed class ParquetCopy : IDisposable
{
    private const int MemoryMegabytes = 256;
    private const string Table = "streamed";

    private readonly WorkFolder _folder = WorkFolder.Create();
    private readonly LentDuckDb _duckDb;
    private int _written;

    public ParquetCopy()
    {
        try
        {
            _duckDb = LentDuckDb.Take(_folder, MemoryMegabytes);
        }
        catch
        {
            _folder.Dispose();
            throw;
        }
    }

    /// <summary>Writes a file.</summary>
    /// <returns>Where it is, and the rows that DuckDB has counted in it.</returns>
    /// <exception cref="CdcDmsException">There is no room for it.</exception>
    public (string Path, long Rows) Write(StreamedFile file, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_folder.Path, $"{++_written}.parquet");
        try
        {
            return (path, Write(file, path, cancellationToken));
        }
        catch (DuckDbException fault)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"A change file of {file.Table} was not written ({fault.Type}), and its records stay in the stream: give the function more "
                + "memory or temporary storage.",
                fault);
        }
    }

    /// <inheritdoc cref="LentDuckDb.Keep"/>
    public void KeepDuckDb() => _duckDb.Keep();

    /// <inheritdoc/>
    public void Dispose()
    {
        _duckDb.Dispose();
        _folder.Dispose();
    }

    private long Write(StreamedFile file, string path, CancellationToken cancellationToken)
    {
        var connection = _duckDb.Connection;
        connection.UseOneThread(true, cancellationToken);
        var declared = file.HoldBytes.Select((isBytes, index) => $"c{index} {(isBytes ? "BLOB" : "VARCHAR")}");
        connection.Execute($"CREATE OR REPLACE TEMP TABLE {Table} ({string.Join(", ", declared)})", cancellationToken);
        Append(file, connection);
        var named = file.Names.Select((name, index) => $"c{index} AS {DuckDbSql.Identifier(name)}");
        return connection.Count(
            $"COPY (SELECT {string.Join(", ", named)} FROM {Table}) TO {DuckDbSql.Literal(path)} (FORMAT parquet, COMPRESSION zstd)",
            cancellationToken);
    }

    private static void Append(StreamedFile file, DuckDbConnection connection)
    {
        using var appender = new DuckDbAppender(connection, Table, file.HoldBytes);
        for (var first = 0; first < file.Rows; first += DuckDbAppender.ChunkRows)
        {
            var rows = Math.Min(DuckDbAppender.ChunkRows, file.Rows - first);
            for (var column = 0; column < file.Names.Count; column++)
                Fill(appender, column, file[column], first, rows);
            appender.Append(rows);
        }

        appender.Close();
    }

    private static void Fill(DuckDbAppender appender, int column, TextColumn values, int first, int rows)
    {
        for (var row = 0; row < rows; row++)
            if (values.IsNull(first + row))
                appender.SetNull(column, row);
            else
                appender.Set(column, row, values[first + row]);
    }
}
