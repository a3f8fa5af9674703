using System.Buffers;
using Parquet;
using Parquet.Schema;

namespace CdcDms.Local.ChangeFiles;

/// <summary>
/// The values of one column that wait for their row group to be complete. The Parquet library writes a column as an array of its physical
/// type, with one definition level a row where it may be NULL (parquet-format, "Nested Encoding").
/// </summary>
internal abstract class ColumnBuffer(DataField declared, DataField written)
{
    private const int Null = 0;
    private const int Present = 1;

    private readonly ArrayBufferWriter<int> _levels = new();

    /// <summary>The column in the file's schema.</summary>
    public DataField Declared => declared;

    /// <summary>
    /// The same column by the type of the array that is written. The two differ where the library's own type for the declared one holds
    /// less than PostgreSQL's (dates before the year 1 or after 9999) or is a detour (text by way of UTF-16).
    /// </summary>
    public DataField Written => written;

    /// <summary>Adds a value.</summary>
    /// <param name="sent">What PostgreSQL has sent for the value: its text in UTF-8, or its binary format.</param>
    /// <returns>False when the column's type cannot hold the value, which is not added then.</returns>
    public bool TryAdd(ReadOnlySpan<byte> sent)
    {
        if (!TryAddValue(sent))
            return false;
        AddLevel(Present);
        return true;
    }

    /// <summary>Adds a NULL.</summary>
    public void AddNull() => AddLevel(Null);

    /// <summary>Writes the column's part of a row group and forgets the values.</summary>
    public async Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken)
    {
        // A column that is never NULL has no levels; an empty array would be one of no rows.
        ReadOnlyMemory<int>? levels = written.IsNullable ? _levels.WrittenMemory : default(ReadOnlyMemory<int>?);
        await WriteValuesAsync(group, levels, cancellationToken);
        _levels.ResetWrittenCount();
    }

    /// <summary>Adds a value to the array.</summary>
    protected abstract bool TryAddValue(ReadOnlySpan<byte> sent);

    /// <summary>Writes the array and forgets its values.</summary>
    protected abstract Task WriteValuesAsync(ParquetRowGroupWriter group, ReadOnlyMemory<int>? levels, CancellationToken cancellationToken);

    private void AddLevel(int level)
    {
        _levels.GetSpan(1)[0] = level;
        _levels.Advance(1);
    }
}
