namespace CdcDms.DuckDb;

/// <summary>Appends rows of text to a table, value by value, without allocating.</summary>
public sealed unsafe class DuckDbTextAppender : IDisposable
{
    private nint _handle;

    internal DuckDbTextAppender(nint connection, string table)
    {
        if (NativeMethods.duckdb_appender_create(connection, null, table, out _handle) == 0)
            return;
        var fault = Fault();
        Destroy();
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
            Check(NativeMethods.duckdb_append_varchar_length(_handle, text == null ? &nothing : text, (ulong)utf8.Length));
        }
    }

    /// <summary>Appends a NULL.</summary>
    /// <inheritdoc cref="Append"/>
    public void AppendNull() => Check(NativeMethods.duckdb_append_null(_handle));

    /// <summary>Ends the row.</summary>
    /// <exception cref="DuckDbException">The row lacks a column.</exception>
    public void EndRow() => Check(NativeMethods.duckdb_appender_end_row(_handle));

    /// <summary>Hands all rows to the table; the appender takes no more.</summary>
    /// <exception cref="DuckDbException">The table refuses them, for instance text that is not UTF-8.</exception>
    public void Close() => Check(NativeMethods.duckdb_appender_close(_handle));

    private void Check(int state)
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        if (state != 0)
            throw Fault();
    }

    private DuckDbException Fault() => DuckDbException.From(NativeMethods.duckdb_appender_error(_handle));

    private void Destroy() => _ = NativeMethods.duckdb_appender_destroy(ref _handle);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle != 0)
            Destroy();
    }
}
