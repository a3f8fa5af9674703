namespace CdcDms.Local.Capture;

/// <summary>What happened to a table between two looks into the catalog, as far as the stream does not say it.</summary>
internal static class TableChanges
{
    /// <summary>Why a table cannot be captured any more; null when it can.</summary>
    /// <param name="before">The table as it was captured.</param>
    /// <param name="now">The table of the same OID; null when there is none.</param>
    /// <param name="published">Whether the publication still holds it.</param>
    public static string? WhyLost(CapturedTable before, CapturedTable? now, bool published) =>
        now is null ? "the table was dropped at the source"
        : now.TableName != before.TableName ? $"the table was renamed to {now.TableName} at the source"
        : published ? null
        : "the table is no longer in the publication of the capture";

    /// <summary>Changes that send no rows: causes in general words, with the parts of the table that they are about.</summary>
    public static IEnumerable<(string Cause, IReadOnlyList<string>? Parts)> Unsent(CapturedTable before, CapturedTable now)
    {
        if (before.Identity.StartsWith('f') && !now.Identity.StartsWith('f'))
            yield return (
                "REPLICA IDENTITY FULL was taken from the table, so large values that an update leaves alone are sent no more", null);
        var files = before.Partitions.ToDictionary(partition => partition.Oid);
        var rewritten = now.Partitions
            .Where(partition => files.TryGetValue(partition.Oid, out var old) && old.File != partition.File)
            .Select(partition => partition.Name)
            .ToList();
        var retyped = Retyped(before, now, before.File != now.File || rewritten.Count > 0).ToList();
        foreach (var cause in Replaced(before, now).Concat(retyped))
            yield return (cause, null);
        // An ordinary table's TRUNCATE is in the stream, and other rewrites of it change no value. A partition's is not.
        if (retyped.Count == 0 && rewritten.Count > 0)
            yield return ("a partition was truncated, which sends nothing, or rewritten, as by VACUUM FULL", rewritten);
        var gone = before.Partitions.ExceptBy(now.Partitions.Select(partition => partition.Oid), partition => partition.Oid);
        if (gone.Select(partition => partition.Name).ToList() is { Count: > 0 } detached)
            yield return ("a partition was detached or dropped, and the lake keeps its rows", detached);
        var relinked = now.Partitions.Where(partition => files.TryGetValue(partition.Oid, out var old) && old.Link != partition.Link);
        if (relinked.Select(partition => partition.Name).ToList() is { Count: > 0 } attached)
            yield return ("a partition was detached for a time, and changes made to it meanwhile were not sent", attached);
    }

    /// <summary>Partitions that are new.</summary>
    public static IReadOnlyList<CapturedPartition> NewPartitions(CapturedTable before, CapturedTable now) =>
        [.. now.Partitions.ExceptBy(before.Partitions.Select(partition => partition.Oid), partition => partition.Oid)];

    /// <summary>Whether the source now logs something else of an old row, in the table or a partition of it.</summary>
    public static bool IdentityDiffers(CapturedTable before, CapturedTable now) =>
        before.Identity != now.Identity
        || now.Partitions.Any(partition => before.Partitions.All(old => old.Oid != partition.Oid || old.Identity != partition.Identity));

    private static IEnumerable<string> Replaced(CapturedTable before, CapturedTable now) =>
        from old in before.Columns
        join column in now.Columns on old.Name equals column.Name
        where old.Number != column.Number
        select $"column {column.Name} is another one than before (dropped and added again, or renamed), and no row was sent";

    // A type whose values stay as they are stored leaves the file alone: nothing was computed anew.
    private static IEnumerable<string> Retyped(CapturedTable before, CapturedTable now, bool rewritten) =>
        from old in before.Columns
        join column in now.Columns on (old.Name, old.Number) equals (column.Name, column.Number)
        where rewritten && old.Type != column.Type
        select $"column {column.Name} became {column.Type}, which rewrote its values and sent no row: where the statement had USING, or "
            + "the cast changed a value, the lake has the old ones";
}
