using System.Buffers;
using Parquet;
using Parquet.Schema;

namespace CdcDms.Local.ChangeFiles;

/// <summary>Reads a value from PostgreSQL's text in UTF-8.</summary>
/// <returns>False when the type cannot hold it.</returns>
internal delegate bool TextReader<T>(ReadOnlySpan<byte> text, out T value);

/// <summary>A column of values of one size.</summary>
internal sealed class ValueBuffer<T>(DataField declared, DataField written, TextReader<T> read) : ColumnBuffer(declared, written)
    where T : struct
{
    private readonly ArrayBufferWriter<T> _values = new();

    /// <inheritdoc/>
    protected override bool TryAddValue(ReadOnlySpan<byte> text)
    {
        if (!read(text, out var value))
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
