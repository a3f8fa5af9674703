using DuckDB.NET.Native;

namespace CdcDms.DuckDb;

/// <summary>A connection to a DuckDB database; one thread at a time.</summary>
public sealed class DuckDbConnection : IDisposable
{
    private readonly DuckDBNativeConnection _handle;
    private bool _usesOneThread;

    internal DuckDbConnection(DuckDBNativeConnection handle) => _handle = handle;

    internal DuckDBNativeConnection Handle => _handle;

    /// <summary>
    /// Lets the database, of which this must be the only connection, work with one thread from now on, or with all. DuckDB ends and begins
    /// its threads each time it is told so, even if they are as many as before.
    /// </summary>
    public void UseOneThread(bool one, CancellationToken cancellationToken = default)
    {
        if (one == _usesOneThread)
            return;
        Execute(one ? "SET threads = 1" : "RESET threads", cancellationToken);
        _usesOneThread = one;
    }

    /// <summary>Runs one or more statements whose rows nobody wants.</summary>
    /// <param name="sql">The statements.</param>
    /// <param name="cancellationToken">Interrupts the statement that runs.</param>
    /// <exception cref="DuckDbException">A statement failed.</exception>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public void Execute(string sql, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var interrupt = cancellationToken.Register(_handle.Interrupt);
        var fault = Run(sql);
        if (fault is null)
            return;
        cancellationToken.ThrowIfCancellationRequested();
        throw fault;
    }

    /// <summary>Runs one statement and gives its rows as they come, so that memory does not grow with their number.</summary>
    /// <inheritdoc cref="Execute"/>
    public DuckDbResult Query(string sql, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var isPrepared = NativeMethods.PreparedStatements.DuckDBPrepare(_handle, sql, out var statement).IsSuccess();
        // Preparing reads the files' schemas, which takes a while; what interrupts an execution before it begins is forgotten by it.
        if (isPrepared && !cancellationToken.IsCancellationRequested)
            return new DuckDbResult(_handle, statement, cancellationToken);
        using (statement)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Only a result knows the type of its fault. A statement that cannot be prepared has none, but cannot be explained either.
            var type = Run($"EXPLAIN {sql}")?.Type ?? DuckDBErrorType.Invalid;
            throw new DuckDbException(type, NativeMethods.PreparedStatements.DuckDBPrepareError(statement));
        }
    }

    /// <summary>The one number that a statement gives.</summary>
    /// <inheritdoc cref="Execute"/>
    public long Count(string sql, CancellationToken cancellationToken = default)
    {
        using var result = Query(sql, cancellationToken);
        return result.Next(out var chunk) && chunk.Rows > 0
            ? chunk[0].Get<long>(0)
            : throw new InvalidOperationException($"The statement gave no number: {sql}");
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private DuckDbException? Run(string sql)
    {
        var succeeded = NativeMethods.Query.DuckDBQuery(_handle, sql, out var result).IsSuccess();
        var fault = succeeded ? null : DuckDbException.Of(ref result);
        result.Close();
        return fault;
    }
}
