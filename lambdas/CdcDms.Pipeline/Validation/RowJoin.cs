using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Validation;

/// <summary>A row that differs.</summary>
/// <param name="Source">The row at the source; null for one that is in analytics alone.</param>
/// <param name="Target">The row in analytics; null for a missing one.</param>
internal readonly record struct DifferentRow(RowHash? Source, RowHash? Target)
{
    /// <summary>What is wrong.</summary>
    public DifferenceKind Kind =>
        Target is null ? DifferenceKind.Missing : Source is null ? DifferenceKind.Extra : DifferenceKind.Changed;

    /// <summary>Hash of the key.</summary>
    public long Key => (Source ?? Target)!.Value.Key;
}

/// <summary>Joins the rows of both sides by key, counts those that differ and keeps the first of them.</summary>
/// <param name="keptRows">How many of them are kept.</param>
internal sealed class RowJoin(int keptRows)
{
    private readonly long[] _counts = new long[Enum.GetValues<DifferenceKind>().Length];
    private readonly List<DifferentRow> _kept = [];

    /// <summary>The rows that are kept.</summary>
    public IReadOnlyList<DifferentRow> Kept => _kept;

    /// <summary>How many rows differ in a way.</summary>
    public long Count(DifferenceKind kind) => _counts[(int)kind];

    /// <summary>Joins the rows of both sides, part by part.</summary>
    /// <returns>How many rows they have.</returns>
    public (long Source, long Target) Add(RowHashPair hashes)
    {
        var rows = (Source: 0L, Target: 0L);
        for (var part = 0; part < hashes.Source.Parts; part++)
        {
            var (ofSource, ofTarget) = (hashes.Source.Read(part), hashes.Target.Read(part));
            Add(ofSource, ofTarget);
            rows = (rows.Source + ofSource.Length, rows.Target + ofTarget.Length);
        }

        return rows;
    }

    /// <summary>Joins rows of some keys, all of each.</summary>
    /// <param name="source">Rows of the source, ordered.</param>
    /// <param name="target">Rows of analytics, ordered.</param>
    public void Add(ReadOnlySpan<RowHash> source, ReadOnlySpan<RowHash> target)
    {
        while (source.Length + target.Length > 0)
        {
            var key = target.Length == 0 || (source.Length > 0 && source[0].Key < target[0].Key) ? source[0].Key : target[0].Key;
            AddKey(Take(ref source, key), Take(ref target, key));
        }
    }

    // Several rows have one key where the key may be NULL, or if the hashes of two keys are equal. Rows that are on both sides are equal,
    // whatever else has their key; the others are paired as they come.
    private void AddKey(ReadOnlySpan<RowHash> source, ReadOnlySpan<RowHash> target)
    {
        var (missing, extra) = (Without(source, target), Without(target, source));
        for (var index = 0; index < Math.Max(missing.Count, extra.Count); index++)
        {
            var row = new DifferentRow(
                index < missing.Count ? missing[index] : null, index < extra.Count ? extra[index] : null);
            _counts[(int)row.Kind]++;
            if (_kept.Count < keptRows)
                _kept.Add(row);
        }
    }

    private static ReadOnlySpan<RowHash> Take(ref ReadOnlySpan<RowHash> rows, long key)
    {
        var count = 0;
        while (count < rows.Length && rows[count].Key == key)
            count++;
        var taken = rows[..count];
        rows = rows[count..];
        return taken;
    }

    // Both are ordered by the row's hash.
    private static List<RowHash> Without(ReadOnlySpan<RowHash> rows, ReadOnlySpan<RowHash> others)
    {
        var left = new List<RowHash>();
        var other = 0;
        foreach (var row in rows)
        {
            while (other < others.Length && others[other].Row < row.Row)
                other++;
            if (other < others.Length && others[other].Row == row.Row)
                other++;
            else
                left.Add(row);
        }

        return left;
    }
}
