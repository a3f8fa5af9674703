using System.Runtime.CompilerServices;
using System.Text;
using DuckDB.NET.Native;

namespace CdcDms.DuckDb;

/// <summary>Some rows of a result, column by column. Valid until the result's next chunk.</summary>
public readonly struct DuckDbChunk
{
    private readonly DuckDBDataChunk? _handle;

    internal DuckDbChunk(DuckDBDataChunk? handle)
    {
        _handle = handle;
        Rows = handle is null ? 0 : (int)NativeMethods.DataChunks.DuckDBDataChunkGetSize(handle);
    }

    /// <summary>Rows in this chunk, at most 2,048.</summary>
    public int Rows { get; }

    /// <summary>A column's values.</summary>
    public DuckDbVector this[int column] => new(NativeMethods.DataChunks.DuckDBDataChunkGetVector(_handle!, column));
}

/// <summary>One column's values in a chunk, where DuckDB has them: nothing is copied.</summary>
public readonly unsafe struct DuckDbVector
{
    // duckdb_string_t: a length, then either up to 12 bytes in place or a prefix of 4 and a pointer.
    private const int StringSize = 16;
    private const int InlineBytes = 12;

    private readonly byte* _data;
    private readonly ulong* _validity;

    internal DuckDbVector(nint handle)
    {
        _data = (byte*)NativeMethods.Vectors.DuckDBVectorGetData(handle);
        _validity = NativeMethods.Vectors.DuckDBVectorGetValidity(handle);
    }

    /// <summary>Whether a row's value is NULL.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsNull(int row) => _validity != null && (_validity[row >> 6] & (1UL << (row & 63))) == 0;

    /// <summary>A row's value of a fixed-size type; meaningless when it is NULL.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Get<T>(int row) where T : unmanaged => Unsafe.ReadUnaligned<T>(_data + (long)row * sizeof(T));

    /// <summary>A row's bytes (VARCHAR as UTF-8, BLOB); meaningless when it is NULL.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Bytes(int row)
    {
        var text = _data + (long)row * StringSize;
        var length = *(int*)text;
        return new ReadOnlySpan<byte>(length <= InlineBytes ? text + 4 : *(byte**)(text + 8), length);
    }

    /// <summary>A row's text, or null.</summary>
    public string? Text(int row) => IsNull(row) ? null : Encoding.UTF8.GetString(Bytes(row));
}
