using NpgsqlTypes;

namespace CdcDms.Local.Capture;

/// <summary>What happened to a table between two looks into the catalog that only the stream's descriptions of it tell.</summary>
internal static class StreamedChanges
{
    /// <summary>Changes that send no rows, or not all of them: causes in general words.</summary>
    /// <param name="before">The table as it was captured.</param>
    /// <param name="now">The table as it is.</param>
    /// <param name="streamed">The table and its partitions as the stream has described them meanwhile.</param>
    public static IEnumerable<string> Unsent(CapturedTable before, CapturedTable now, IReadOnlyList<StreamedRelation> streamed)
    {
        var still = FullIn(now).Select(full => full.Oid).ToHashSet();
        var since = FullIn(before).Where(full => still.Contains(full.Oid)).ToDictionary(full => full.Oid, full => full.Since);
        if (streamed.Any(relation =>
            !relation.IsFull && since.TryGetValue(relation.Oid, out var position) && relation.Committed > position))
            yield return "rows were changed while REPLICA IDENTITY FULL was taken away, and large values that an update left alone were "
                + "not sent";
        foreach (var relation in streamed.Where(relation => !relation.IsPartition))
            foreach (var cause in Renamed(before, now, relation))
                yield return cause;
    }

    // A column that is not there yet has no other name, nor has one that the definition leaves out.
    private static IEnumerable<string> Renamed(CapturedTable before, CapturedTable now, StreamedRelation relation)
    {
        var known = before.Columns.Concat(now.Columns).Select(column => column.Name).Concat(before.LeftOut).Concat(now.LeftOut);
        var others = relation.Columns.Except(known).ToList();
        return
            from old in before.Columns
            join column in now.Columns on (old.Name, old.Number) equals (column.Name, column.Number)
            where others.Count > 0 && !relation.Columns.Contains(column.Name)
            select $"column {column.Name} had another name for a time ({string.Join(", ", others)}), and the lake has its values of then "
                + "under that name";
    }

    // A partition's own replica identity counts, not its root's.
    private static IEnumerable<(uint Oid, NpgsqlLogSequenceNumber Since)> FullIn(CapturedTable table) =>
        table.Partitions.Where(partition => partition.IsFull).Select(partition => (partition.Oid, Position(partition.FullSince)))
            .Concat(table is { IsFull: true, File: not 0 } ? [(table.Oid, Position(table.FullSince))] : []);

    private static NpgsqlLogSequenceNumber Position(string? since) =>
        since is null ? NpgsqlLogSequenceNumber.Invalid : NpgsqlLogSequenceNumber.Parse(since);
}
