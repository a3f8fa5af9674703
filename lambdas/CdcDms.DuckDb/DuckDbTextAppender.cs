using System.Runtime.InteropServices;
using DuckDB.NET.Native;

namespace CdcDms.DuckDb;

/// <summary>Appends rows of text to a table, value by value, without allocating.</summary>
public sealed unsafe partial class DuckDbTextAppender : IDisposable
{
    private readonly DuckDBAppender _handle;

    internal DuckDbTextAppender(DuckDBNativeConnection connection, string table)
    {
        if (NativeMethods.Appender.DuckDBAppenderCreate(connection, null!, table, out _handle).IsSuccess())
            return;
        var fault = Fault();
        _handle.Dispose();
        throw fault;
    }

    /// <summary>Appends the row's next value.</summary>
    /// <exception cref="DuckDbException">The row has no further column.</exception>
    public void Append(ReadOnlySpan<byte> utf8)
    {
        fixed (byte* text = utf8)
        {
            // An empty span has no address; DuckDB needs one all the same.
            byte nothing = 0;
            Check(AppendVarchar(_handle, text == null ? &nothing : text, (ulong)utf8.Length));
        }
    }

    /// <summary>Appends a NULL.</summary>
    /// <inheritdoc cref="Append"/>
    public void AppendNull() => Check(NativeMethods.Appender.DuckDBAppendNull(_handle));

    /// <summary>Ends the row.</summary>
    /// <exception cref="DuckDbException">The row lacks a column.</exception>
    public void EndRow() => Check(NativeMethods.Appender.DuckDBAppenderEndRow(_handle));

    /// <summary>Hands all rows to the table; the appender takes no more.</summary>
    /// <exception cref="DuckDbException">The table refuses them, for instance text that is not UTF-8.</exception>
    public void Close() => Check(NativeMethods.Appender.DuckDBAppenderClose(_handle));

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private void Check(DuckDBState state)
    {
        if (!state.IsSuccess())
            throw Fault();
    }

    private DuckDbException Fault()
    {
        using var error = NativeMethods.Appender.DuckDBAppenderErrorData(_handle);
        return new DuckDbException(
            NativeMethods.ErrorData.DuckDBErrorDataErrorType(error), NativeMethods.ErrorData.DuckDBErrorDataMessage(error));
    }

    // The bindings take a string here, which would be made from our bytes and turned back into them.
    [LibraryImport("duckdb", EntryPoint = "duckdb_append_varchar_length")]
    private static partial DuckDBState AppendVarchar(DuckDBAppender appender, byte* text, ulong length);
}
