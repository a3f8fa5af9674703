using System.Numerics;
using System.Runtime.InteropServices;

namespace CdcDms.Pipeline.Validation;

/// <summary>
/// One side's rows as numbers: for each bucket of keys how many rows there are, and the sum of their hashes. Neither depends on the rows'
/// order.
/// </summary>
internal sealed class BucketSums
{
    private const int Fewest = 1 << 12;
    private const int Most = 1 << 17;

    // 2,000 rows of 200 bytes.
    private const long BytesPerBucket = 400_000;

    private readonly long[] _rows;
    private readonly Int128[] _sums;

    /// <summary>Nothing yet.</summary>
    /// <param name="buckets">The number of buckets.</param>
    public BucketSums(int buckets) => (_rows, _sums) = (new long[buckets], new Int128[buckets]);

    /// <summary>What <see cref="ToBytes"/> gave.</summary>
    /// <param name="buckets">The number of buckets.</param>
    /// <param name="bytes">The bytes.</param>
    public BucketSums(int buckets, ReadOnlySpan<byte> bytes)
        : this(buckets)
    {
        bytes[..(buckets * sizeof(long))].CopyTo(MemoryMarshal.AsBytes(_rows.AsSpan()));
        bytes[(buckets * sizeof(long))..].CopyTo(MemoryMarshal.AsBytes(_sums.AsSpan()));
    }

    /// <summary>Rows in all buckets.</summary>
    public long Rows => _rows.Sum();

    /// <summary>
    /// How many buckets a table needs: 4,096, whose sums fit into a processor's cache, and more where some thousand rows would share one,
    /// since of a bucket in which one row differs all are read again. A power of two.
    /// </summary>
    public static int CountFor(long tableBytes) =>
        (int)Math.Clamp(BitOperations.RoundUpToPowerOf2((ulong)(tableBytes / BytesPerBucket)), Fewest, Most);

    /// <summary>Adds some rows of a bucket.</summary>
    public void Add(BucketSum sum)
    {
        _rows[sum.Bucket] += sum.Rows;
        _sums[sum.Bucket] += (Int128)sum.Hashes;
    }

    /// <summary>The next buckets in which the sides differ.</summary>
    /// <param name="other">The other side.</param>
    /// <param name="first">The bucket with which to begin.</param>
    /// <param name="mostRows">So many rows are in them at most, unless the first has more.</param>
    public DifferentBuckets Compare(BucketSums other, int first, long mostRows)
    {
        var (bits, different, equalRows, bucket) = (new byte[(_rows.Length + 7) / 8], 0L, 0L, first);
        for (; bucket < _rows.Length; bucket++)
        {
            var rows = Math.Max(_rows[bucket], other._rows[bucket]);
            if (_rows[bucket] == other._rows[bucket] && _sums[bucket] == other._sums[bucket])
                equalRows += rows;
            else if (different > 0 && different + rows > mostRows)
                break;
            else
            {
                different += rows;
                bits[bucket / 8] |= (byte)(1 << (bucket % 8));
            }
        }

        return new DifferentBuckets(bits, different, equalRows, bucket, bucket == _rows.Length);
    }

    /// <summary>The sums as bytes, for a later call.</summary>
    public byte[] ToBytes() =>
        [.. MemoryMarshal.AsBytes(_rows.AsSpan()), .. MemoryMarshal.AsBytes(_sums.AsSpan())];
}

/// <summary>Some rows of one bucket.</summary>
/// <param name="Bucket">The bucket's number.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Hashes">Sum of their hashes.</param>
internal readonly record struct BucketSum(int Bucket, long Rows, decimal Hashes);

/// <summary>Some buckets in which two sides differ.</summary>
/// <param name="Bits">One bit a bucket, as PostgreSQL's <c>get_bit</c> counts them.</param>
/// <param name="Rows">Rows in them, of the side that has more in the bucket.</param>
/// <param name="EqualRows">Rows of each side in the equal buckets that were looked at.</param>
/// <param name="End">The first bucket that was not looked at.</param>
/// <param name="AreLast">Whether none is left to look at.</param>
internal sealed record DifferentBuckets(byte[] Bits, long Rows, long EqualRows, int End, bool AreLast);
