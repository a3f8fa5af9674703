using System.Runtime.InteropServices;

namespace CdcDms.DuckDb;

/// <summary>The rows of a query, chunk by chunk.</summary>
public sealed unsafe class DuckDbResult : IDisposable
{
    private readonly NativeMethods.Result* _result;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _interrupt;
    private nint _statement;
    private nint _chunk;

    internal DuckDbResult(DuckDbConnection connection, nint statement, CancellationToken cancellationToken)
    {
        _statement = statement;
        _cancellation = cancellationToken;
        _interrupt = cancellationToken.Register(connection.Interrupt);
        _result = (NativeMethods.Result*)NativeMemory.AllocZeroed((nuint)sizeof(NativeMethods.Result));
        if (NativeMethods.duckdb_execute_prepared_streaming(statement, _result) != 0)
        {
            var fault = Fault();
            Dispose();
            throw fault;
        }

        Columns = [.. Enumerable.Range(0, (int)NativeMethods.duckdb_column_count(_result)).Select(Describe)];
    }

    /// <summary>The columns, in their order.</summary>
    public IReadOnlyList<DuckDbColumn> Columns { get; } = [];

    /// <summary>Gives the next chunk; the one before it is gone then, with every span taken from it.</summary>
    /// <returns>False after the last chunk.</returns>
    /// <exception cref="DuckDbException">The query failed while it ran.</exception>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public bool Next(out DuckDbChunk chunk)
    {
        ObjectDisposedException.ThrowIf(_statement == 0, this);
        // Interrupting reaches only a query that runs, and between two chunks none does.
        _cancellation.ThrowIfCancellationRequested();
        Release();
        _chunk = NativeMethods.duckdb_fetch_chunk(*_result);
        if (_chunk == 0 && NativeMethods.duckdb_result_error(_result) is var error and not 0 && Marshal.ReadByte(error) != 0)
            throw Fault();
        chunk = new DuckDbChunk(_chunk);
        return _chunk != 0;
    }

    private Exception Fault() =>
        _cancellation.IsCancellationRequested
            ? new OperationCanceledException(_cancellation)
            : DuckDbException.From(NativeMethods.duckdb_result_error(_result));

    private DuckDbColumn Describe(int column)
    {
        var type = NativeMethods.duckdb_column_logical_type(_result, (ulong)column);
        try
        {
            var id = (DuckDbType)NativeMethods.duckdb_get_type_id(type);
            return new DuckDbColumn(
                Marshal.PtrToStringUTF8(NativeMethods.duckdb_column_name(_result, (ulong)column)) ?? "",
                id,
                id == DuckDbType.Decimal ? NativeMethods.duckdb_decimal_width(type) : 0,
                id == DuckDbType.Decimal ? NativeMethods.duckdb_decimal_scale(type) : 0);
        }
        finally
        {
            NativeMethods.duckdb_destroy_logical_type(ref type);
        }
    }

    private void Release()
    {
        if (_chunk != 0)
            NativeMethods.duckdb_destroy_data_chunk(ref _chunk);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_statement == 0)
            return;
        _interrupt.Dispose();
        Release();
        NativeMethods.duckdb_destroy_result(_result);
        NativeMemory.Free(_result);
        NativeMethods.duckdb_destroy_prepare(ref _statement);
    }
}
