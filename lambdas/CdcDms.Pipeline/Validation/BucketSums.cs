namespace CdcDms.Pipeline.Validation;

/// <summary>
/// One side's rows as numbers: for each bucket of keys how many rows there are, and the sum of their hashes. Neither depends on the rows'
/// order.
/// </summary>
/// <param name="buckets">The number of buckets.</param>
internal sealed class BucketSums(int buckets)
{
    private readonly long[] _rows = new long[buckets];
    private readonly Int128[] _sums = new Int128[buckets];

    /// <summary>Rows in all buckets.</summary>
    public long Rows => _rows.Sum();

    /// <summary>Adds some rows of a bucket.</summary>
    public void Add(BucketSum sum)
    {
        _rows[sum.Bucket] += sum.Rows;
        _sums[sum.Bucket] += (Int128)sum.Hashes;
    }

    /// <summary>The buckets in which the sides differ.</summary>
    public DifferentBuckets Compare(BucketSums other)
    {
        var (bits, different, equalRows) = (new byte[(buckets + 7) / 8], 0L, 0L);
        for (var bucket = 0; bucket < buckets; bucket++)
            if (_rows[bucket] == other._rows[bucket] && _sums[bucket] == other._sums[bucket])
                equalRows += _rows[bucket];
            else
            {
                different += Math.Max(_rows[bucket], other._rows[bucket]);
                bits[bucket / 8] |= (byte)(1 << (bucket % 8));
            }

        return new DifferentBuckets(bits, different, equalRows);
    }
}

/// <summary>Some rows of one bucket.</summary>
/// <param name="Bucket">The bucket's number.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Hashes">Sum of their hashes.</param>
internal readonly record struct BucketSum(int Bucket, long Rows, decimal Hashes);

/// <summary>The buckets in which two sides differ.</summary>
/// <param name="Bits">One bit a bucket, as PostgreSQL's <c>get_bit</c> counts them.</param>
/// <param name="Rows">Rows in them, of the side that has more in the bucket.</param>
/// <param name="EqualRows">Rows of each side in the other buckets.</param>
internal sealed record DifferentBuckets(byte[] Bits, long Rows, long EqualRows);
