using System.Buffers;
using Parquet;
using Parquet.Schema;

namespace CdcDms.Local.ChangeFiles;

/// <summary>Reads a value from what PostgreSQL has sent for it.</summary>
/// <returns>False when the type cannot hold it.</returns>
internal delegate bool ValueReader<T>(ReadOnlySpan<byte> sent, out T value);

/// <summary>A column of values of one size.</summary>
internal sealed class ValueBuffer<T>(DataField declared, DataField written, ValueReader<T> read) : ColumnBuffer(declared, written)
    where T : struct
{
    private readonly ArrayBufferWriter<T> _values = new();

    /// <inheritdoc/>
    protected override bool TryAddValue(ReadOnlySpan<byte> sent)
    {
        if (!read(sent, out var value))
            return false;
        _values.GetSpan(1)[0] = value;
        _values.Advance(1);
        return true;
    }

    /// <inheritdoc/>
    protected override async Task WriteValuesAsync(
        ParquetRowGroupWriter group, ReadOnlyMemory<int>? levels, CancellationToken cancellationToken)
    {
        await group.WriteAllPartsAsync(Written, _values.WrittenMemory, levels, repetitionLevels: null, cancellationToken);
        _values.ResetWrittenCount();
    }
}
