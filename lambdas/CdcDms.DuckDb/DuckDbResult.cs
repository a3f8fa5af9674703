using DuckDB.NET.Native;

namespace CdcDms.DuckDb;

/// <summary>The rows of a query, chunk by chunk.</summary>
public sealed class DuckDbResult : IDisposable
{
    private readonly DuckDBPreparedStatement _statement;
    private readonly DuckDBNativeConnection _connection;
    private readonly CancellationToken _cancellationToken;
    private DuckDBResult _result;
    private DuckDBDataChunk? _chunk;
    private bool _isDisposed;

    internal DuckDbResult(DuckDBNativeConnection connection, DuckDBPreparedStatement statement, CancellationToken cancellationToken)
    {
        (_connection, _statement, _cancellationToken) = (connection, statement, cancellationToken);
        DuckDBState executed;
        using (Interruptible())
            executed = NativeMethods.PreparedStatements.DuckDBExecutePreparedStreaming(statement, out _result);
        if (!executed.IsSuccess())
        {
            var fault = Fault();
            Dispose();
            throw fault;
        }

        var columns = new DuckDbColumn[(int)NativeMethods.Query.DuckDBColumnCount(ref _result)];
        for (var column = 0; column < columns.Length; column++)
            columns[column] = Describe(column);
        Columns = columns;
    }

    /// <summary>The columns, in their order.</summary>
    public IReadOnlyList<DuckDbColumn> Columns { get; } = [];

    /// <summary>Gives the next chunk; the one before it is gone then, with every span taken from it.</summary>
    /// <returns>False after the last chunk.</returns>
    /// <exception cref="DuckDbException">The query failed while it ran.</exception>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public bool Next(out DuckDbChunk chunk)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _cancellationToken.ThrowIfCancellationRequested();
        _chunk?.Dispose();
        using (Interruptible())
            _chunk = NativeMethods.Query.DuckDBFetchChunk(_result);
        if (!_chunk.IsInvalid)
        {
            chunk = new DuckDbChunk(_chunk);
            return true;
        }

        chunk = default;
        return string.IsNullOrEmpty(NativeMethods.Query.DuckDBResultError(ref _result)) ? false : throw Fault();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _chunk?.Dispose();
        _result.Close();
        _statement.Dispose();
    }

    // Interrupting reaches whatever the connection runs, so only while that is this query: between two chunks it may be another one.
    private CancellationTokenRegistration Interruptible() => _cancellationToken.Register(_connection.Interrupt);

    private Exception Fault() =>
        _cancellationToken.IsCancellationRequested
            ? new OperationCanceledException(_cancellationToken)
            : DuckDbException.Of(ref _result);

    private DuckDbColumn Describe(int column)
    {
        using var type = NativeMethods.Query.DuckDBColumnLogicalType(ref _result, column);
        var id = NativeMethods.LogicalType.DuckDBGetTypeId(type);
        var isDecimal = id == DuckDBType.Decimal;
        return new DuckDbColumn(
            NativeMethods.Query.DuckDBColumnName(ref _result, column),
            id,
            isDecimal ? NativeMethods.LogicalType.DuckDBDecimalWidth(type) : 0,
            isDecimal ? NativeMethods.LogicalType.DuckDBDecimalScale(type) : 0);
    }
}
