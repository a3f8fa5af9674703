using System.Runtime.InteropServices;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Pipeline.Proofs;

/// <summary>
/// Rows that differ and whose keys are still to be read: first at the source, range by range; then in analytics, of rows that only it has,
/// and of those that are not at the source any more as they were.
/// </summary>
internal sealed class DifferentRows
{
    private const int Nowhere = -1;

    private readonly PriorityQueue<DifferentRow, (bool InAnalytics, int Range)> _rows = new();

    /// <summary>All rows of a comparison.</summary>
    public DifferentRows(IEnumerable<DifferentRow> rows)
    {
        foreach (var row in rows)
            Add(row);
    }

    /// <summary>Whether none is left.</summary>
    public bool AreNone => _rows.Count == 0;

    /// <summary>The rows that were saved.</summary>
    public static DifferentRows Of(ReadOnlySpan<byte> bytes)
    {
        var hashes = MemoryMarshal.Cast<byte, RowHash>(bytes);
        var rows = new List<DifferentRow>(hashes.Length / 2);
        for (var index = 0; index < hashes.Length; index += 2)
            rows.Add(new DifferentRow(Read(hashes[index]), Read(hashes[index + 1])));
        return new DifferentRows(rows);
    }

    /// <summary>The rows that are left, to be saved.</summary>
    public byte[] ToBytes()
    {
        var nowhere = new RowHash(0, 0, Nowhere);
        var hashes = new List<RowHash>(2 * _rows.Count);
        foreach (var (row, _) in _rows.UnorderedItems)
            hashes.AddRange([row.Source ?? nowhere, row.Target ?? nowhere]);
        return MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(hashes)).ToArray();
    }

    /// <summary>Takes the next rows, of one range of one side.</summary>
    /// <param name="most">The most rows.</param>
    public (bool InAnalytics, IReadOnlyList<DifferentRow> Rows) Take(int most)
    {
        _rows.TryPeek(out _, out var place);
        var taken = new List<DifferentRow>();
        while (taken.Count < most && _rows.TryPeek(out var row, out var next) && next == place)
        {
            taken.Add(row);
            _rows.Dequeue();
        }

        return (place.InAnalytics, taken);
    }

    /// <summary>Puts a row back that is not at the source any more as it was.</summary>
    /// <returns>Whether analytics had it: then its key is read there.</returns>
    public bool LookInAnalytics(DifferentRow row)
    {
        if (row.Target is null)
            return false;
        Add(row with { Source = null });
        return true;
    }

    /// <summary>Adds a row whose key is to be read.</summary>
    public void Add(DifferentRow row) =>
        _rows.Enqueue(row, row.Source is { } source ? (false, source.Range) : (true, row.Target!.Value.Range));

    private static RowHash? Read(RowHash saved) => saved.Range == Nowhere ? null : saved;
}
