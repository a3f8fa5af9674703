using DuckDB.NET.Native;

namespace CdcDms.DuckDb;

/// <summary>
/// Puts rows of texts and bytes into a temporary table, chunk by chunk: no statement is parsed, and no value becomes a string.
/// </summary>
public sealed unsafe class DuckDbAppender : IDisposable
{
    /// <summary>Most rows of a chunk.</summary>
    public const int ChunkRows = 2048;

    private readonly DuckDBAppender _appender;
    private readonly DuckDBDataChunk _chunk;
    private readonly nint[] _vectors;

    /// <summary>Begins a chunk for the table.</summary>
    /// <param name="connection">Whose temporary table it is.</param>
    /// <param name="table">The table's name.</param>
    /// <param name="columns">Of each of its columns, whether it is BLOB; the others are VARCHAR.</param>
    /// <exception cref="DuckDbException">There is no such table.</exception>
    public DuckDbAppender(DuckDbConnection connection, string table, IReadOnlyList<bool> columns)
    {
        var created = NativeMethods.Appender.DuckDBAppenderCreateExt(connection.Handle, "temp", "main", table, out _appender);
        if (!created.IsSuccess())
        {
            var fault = Fault();
            _appender.Dispose();
            throw fault;
        }

        var types = columns
            .Select(isBytes => NativeMethods.LogicalType.DuckDBCreateLogicalType(isBytes ? DuckDBType.Blob : DuckDBType.Varchar)).ToList();
        _chunk = NativeMethods.DataChunks.DuckDBCreateDataChunk(
            [.. types.Select(type => type.DangerousGetHandle())], (ulong)types.Count);
        types.ForEach(type => type.Dispose());
        _vectors = new nint[types.Count];
        FindVectors();
    }

    /// <summary>Sets a value of the chunk. DuckDB trusts that it is UTF-8, unless the column is BLOB.</summary>
    /// <param name="column">The column, from 0.</param>
    /// <param name="row">The row of the chunk, from 0.</param>
    /// <param name="value">The value.</param>
    public void Set(int column, int row, ReadOnlySpan<byte> value)
    {
        fixed (byte* bytes = value)
            NativeMethods.Vectors.DuckDBUnsafeVectorAssignStringElementLength(_vectors[column], (ulong)row, bytes, value.Length);
    }

    /// <summary>Sets a value of the chunk to NULL.</summary>
    /// <inheritdoc cref="Set"/>
    public void SetNull(int column, int row)
    {
        NativeMethods.Vectors.DuckDBVectorEnsureValidityWritable(_vectors[column]);
        var validity = NativeMethods.Vectors.DuckDBVectorGetValidity(_vectors[column]);
        NativeMethods.ValidityMask.DuckDBValiditySetRowValidity(validity, (ulong)row, false);
    }

    /// <summary>Appends the first rows of the chunk, and begins the next one.</summary>
    /// <exception cref="DuckDbException">DuckDB did not take them.</exception>
    public void Append(int rows)
    {
        NativeMethods.DataChunks.DuckDBDataChunkSetSize(_chunk, (ulong)rows);
        Check(NativeMethods.Appender.DuckDBAppendDataChunk(_appender, _chunk));
        NativeMethods.DataChunks.DuckDBDataChunkReset(_chunk);
        FindVectors();
    }

    /// <summary>Ends the appending; now the table has all rows.</summary>
    /// <exception cref="DuckDbException">DuckDB did not take them.</exception>
    public void Close() => Check(NativeMethods.Appender.DuckDBAppenderClose(_appender));

    /// <inheritdoc/>
    public void Dispose()
    {
        _chunk.Dispose();
        _appender.Dispose();
    }

    private void FindVectors()
    {
        for (var column = 0; column < _vectors.Length; column++)
            _vectors[column] = NativeMethods.DataChunks.DuckDBDataChunkGetVector(_chunk, column);
    }

    private void Check(DuckDBState state)
    {
        if (!state.IsSuccess())
            throw Fault();
    }

    private DuckDbException Fault()
    {
        using var data = NativeMethods.Appender.DuckDBAppenderErrorData(_appender);
        return new DuckDbException(
            NativeMethods.ErrorData.DuckDBErrorDataErrorType(data), NativeMethods.ErrorData.DuckDBErrorDataMessage(data));
    }
}
