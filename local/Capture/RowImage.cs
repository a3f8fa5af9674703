using Npgsql.Replication.PgOutput;

namespace CdcDms.Local.Capture;

/// <summary>A row as the stream sends it: texts in one buffer that is used again for the next row.</summary>
/// <param name="mostBytes">Bytes of text that a value may have; a longer one is not read.</param>
internal sealed class RowImage(long mostBytes)
{
    private byte[] _bytes = new byte[1 << 14];
    private (TupleDataKind Kind, int Start, int Length)[] _values = new (TupleDataKind, int, int)[16];
    private int _used;

    /// <summary>Columns of the row; 0 when there is no row.</summary>
    public int Count { get; private set; }

    /// <summary>Place and bytes of a value that was not read, since it has too many.</summary>
    public (int Column, long Bytes)? TooLarge { get; private set; }

    /// <summary>Forgets the row.</summary>
    public void Clear() => (Count, _used, TooLarge) = (0, 0, null);

    /// <summary>Reads a row in place of the one before.</summary>
    /// <param name="tuple">The row.</param>
    /// <param name="leftOut">For each column, whether nobody wants its value.</param>
    public async ValueTask ReadAsync(ReplicationTuple tuple, IReadOnlyList<bool> leftOut, CancellationToken cancellationToken)
    {
        Clear();
        await foreach (var value in tuple.WithCancellation(cancellationToken))
        {
            if (Count == _values.Length)
                Array.Resize(ref _values, Count * 2);
            var length = value.Kind == TupleDataKind.TextValue && !leftOut[Count] ? value.Length : 0;
            if (length > mostBytes)
            {
                TooLarge ??= (Count, length);
                length = 0;
            }
            else if (length > 0)
            {
                if (_bytes.Length - _used < length)
                    Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(_bytes.Length * 2L, (long)_used + length)));
                await using var text = value.GetStream();
                await text.ReadExactlyAsync(_bytes.AsMemory(_used, length), cancellationToken);
            }

            _values[Count++] = (value.Kind, _used, length);
            _used += length;
        }
    }

    /// <summary>Whether the column's value is there: neither NULL nor left out as unchanged.</summary>
    public bool Has(int column) => column < Count && _values[column].Kind == TupleDataKind.TextValue;

    /// <summary>
    /// Whether the column is a value stored out of line that the update did not touch; the stream then leaves it out (TOAST).
    /// </summary>
    public bool IsUnchanged(int column) => _values[column].Kind == TupleDataKind.UnchangedToastedValue;

    /// <summary>The column's text.</summary>
    public ReadOnlySpan<byte> this[int column] => _bytes.AsSpan(_values[column].Start, _values[column].Length);
}
