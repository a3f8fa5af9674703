namespace CdcDms.DuckDb;

/// <summary>A connection to a DuckDB database; one thread at a time.</summary>
public sealed unsafe class DuckDbConnection : IDisposable
{
    private nint _handle;

    internal DuckDbConnection(nint handle) => _handle = handle;

    /// <summary>Runs one or more statements whose rows nobody wants.</summary>
    /// <param name="sql">The statements.</param>
    /// <param name="cancellationToken">Interrupts the statement that runs.</param>
    /// <exception cref="DuckDbException">A statement failed.</exception>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public void Execute(string sql, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        cancellationToken.ThrowIfCancellationRequested();
        using var interrupt = cancellationToken.Register(() => NativeMethods.duckdb_interrupt(_handle));
        NativeMethods.Result result;
        var failed = NativeMethods.duckdb_query(_handle, sql, &result) != 0;
        var fault = failed ? DuckDbException.From(NativeMethods.duckdb_result_error(&result)) : null;
        NativeMethods.duckdb_destroy_result(&result);
        if (fault is null)
            return;
        cancellationToken.ThrowIfCancellationRequested();
        throw fault;
    }

    /// <summary>Runs one statement and gives its rows as they come, so that memory does not grow with their number.</summary>
    /// <inheritdoc cref="Execute"/>
    public DuckDbResult Query(string sql, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (NativeMethods.duckdb_prepare(_handle, sql, out var statement) != 0)
        {
            var fault = DuckDbException.From(NativeMethods.duckdb_prepare_error(statement));
            NativeMethods.duckdb_destroy_prepare(ref statement);
            throw fault;
        }

        return new DuckDbResult(this, statement, cancellationToken);
    }

    /// <summary>The one number that a statement gives.</summary>
    /// <inheritdoc cref="Execute"/>
    public long Count(string sql, CancellationToken cancellationToken = default)
    {
        using var result = Query(sql, cancellationToken);
        return result.Next(out var chunk) && chunk.Rows > 0
            ? chunk[0].Get<long>(0)
            : throw new DuckDbException("The statement gave no number.");
    }

    /// <summary>Opens an appender for a table all of whose columns are VARCHAR.</summary>
    public DuckDbTextAppender AppendText(string table)
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        return new DuckDbTextAppender(_handle, table);
    }

    internal void Interrupt() => NativeMethods.duckdb_interrupt(_handle);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle != 0)
            NativeMethods.duckdb_disconnect(ref _handle);
    }
}
