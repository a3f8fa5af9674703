using System.Buffers;
using Parquet;
using Parquet.Schema;

namespace CdcDms.Local.ChangeFiles;

/// <summary>Writes the bytes that a file holds for a value, given what PostgreSQL has sent for it.</summary>
/// <returns>False when there is no such value.</returns>
internal delegate bool BytesConversion(ReadOnlySpan<byte> sent, IBufferWriter<byte> bytes);

/// <summary>A column of byte strings, which lie one after another in one array.</summary>
internal sealed class BytesBuffer(DataField declared, DataField written, BytesConversion convert) : ColumnBuffer(declared, written)
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly ArrayBufferWriter<int> _ends = new();
    private readonly ArrayBufferWriter<ReadOnlyMemory<byte>> _values = new();

    /// <inheritdoc/>
    protected override bool TryAddValue(ReadOnlySpan<byte> sent)
    {
        if (!convert(sent, _bytes))
            return false;
        _ends.GetSpan(1)[0] = _bytes.WrittenCount;
        _ends.Advance(1);
        return true;
    }

    /// <inheritdoc/>
    protected override async Task WriteValuesAsync(
        ParquetRowGroupWriter group, ReadOnlyMemory<int>? levels, CancellationToken cancellationToken)
    {
        Slice();
        await group.WriteAllPartsAsync(Written, _values.WrittenMemory, levels, repetitionLevels: null, cancellationToken);
        _values.Clear();
        _ends.ResetWrittenCount();
        _bytes.ResetWrittenCount();
    }

    // Only now: the array moves while it grows.
    private void Slice()
    {
        var ends = _ends.WrittenSpan;
        var values = _values.GetSpan(ends.Length);
        var start = 0;
        for (var index = 0; index < ends.Length; start = ends[index++])
            values[index] = _bytes.WrittenMemory[start..ends[index]];
        _values.Advance(ends.Length);
    }
}
