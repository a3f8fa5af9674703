namespace CdcDms.Local.Capture;

/// <summary>What happened to a table between two looks into the catalog, as far as the stream does not say it.</summary>
internal static class TableChanges
{
    /// <summary>Why a table cannot be captured any more; null when it can.</summary>
    /// <param name="before">The table as it was captured.</param>
    /// <param name="now">The table of the same OID; null when there is none.</param>
    /// <param name="published">Whether the publication still has all its changes.</param>
    /// <param name="root">The table of the publication that it is a partition of; null when there is none.</param>
    public static string? WhyLost(CapturedTable before, CapturedTable? now, bool published, string? root) =>
        now is null ? "the table was dropped at the source"
        : now.TableName != before.TableName ? $"the table was renamed to {now.TableName} at the source"
        : root is not null
            ? $"the table is a partition of {root}, which the publication has too, and its changes are sent as that table's"
        : published ? null
        : "the table is no longer in the publication of the capture, or not with all its changes";

    /// <summary>Changes that send no rows: causes in general words, with the parts of the table that they are about.</summary>
    /// <param name="before">The table as it was captured.</param>
    /// <param name="now">The table as it is.</param>
    /// <param name="streamed">The table and its partitions as the stream has described them meanwhile.</param>
    public static IEnumerable<(string Cause, IReadOnlyList<string>? Parts)> Unsent(
        CapturedTable before, CapturedTable now, IReadOnlyList<StreamedRelation> streamed)
    {
        foreach (var cause in Unfilled(before, now).Concat(StreamedChanges.Unsent(before, now, streamed)))
            yield return (cause, null);
        var files = before.Partitions.ToDictionary(partition => partition.Oid);
        // A table's first file has the table's number.
        var rewritten = now.Partitions
            .Where(partition => partition.File != 0 && partition.File != (files.GetValueOrDefault(partition.Oid)?.File ?? partition.Oid))
            .Select(partition => partition.Name)
            .ToList();
        var isRewritten = before.File != now.File || rewritten.Count > 0;
        var retyped = isRewritten ? Retyped(before, now).ToList() : [];
        var computed = isRewritten ? Computed(before, now) : [];
        foreach (var cause in Replaced(before, now).Concat(Reworded(before, now)).Concat(retyped).Concat(computed))
            yield return (cause, null);
        // An ordinary table's TRUNCATE is in the stream, and other rewrites of it change no value. A partition's is not.
        if (retyped.Count == 0 && rewritten.Count > 0)
            yield return ("a partition was truncated, which sends nothing, or rewritten, as by VACUUM FULL", rewritten);
        // One that was made and dropped between two looks is in the stream alone.
        var gone = before.Partitions.Select(partition => (partition.Oid, partition.Name))
            .UnionBy(
                streamed.Where(relation => relation.IsPartition).Select(partition => (partition.Oid, partition.Name)),
                partition => partition.Oid)
            .ExceptBy(now.Partitions.Select(partition => partition.Oid), partition => partition.Oid);
        if (gone.Select(partition => partition.Name).ToList() is { Count: > 0 } detached)
            yield return ("a partition was detached or dropped, and the lake keeps its rows", detached);
        var relinked = now.Partitions.Where(partition => files.TryGetValue(partition.Oid, out var old) && old.Link != partition.Link);
        if (relinked.Select(partition => partition.Name).ToList() is { Count: > 0 } attached)
            yield return ("a partition was detached for a time, and changes made to it meanwhile were not sent", attached);
    }

    /// <summary>Partitions that are new.</summary>
    public static IReadOnlyList<CapturedPartition> NewPartitions(CapturedTable before, CapturedTable now) =>
        [.. now.Partitions.ExceptBy(before.Partitions.Select(partition => partition.Oid), partition => partition.Oid)];

    /// <summary>Why the key does not tell rows apart any more; null when it does, or was only believed to from the beginning.</summary>
    public static string? WhyNotUnique(CapturedTable before, CapturedTable now) =>
        before.IsKeyUnique && !now.IsKeyUnique
            ? $"no index at the source holds its key ({string.Join(", ", now.Key)}) unique any more, so two rows may have one key"
            : null;

    /// <summary>
    /// What the next look compares with: a column that is gone is remembered, since the lake has its values, and since when the whole old
    /// row is logged.
    /// </summary>
    public static CapturedTable Remember(CapturedTable before, CapturedTable now) =>
        now with
        {
            Columns = [.. now.Columns, .. before.Columns.ExceptBy(now.Columns.Select(column => column.Name), column => column.Name)],
            FullSince = before.IsFull && now.IsFull ? before.FullSince : now.FullSince,
            Partitions =
            [
                .. now.Partitions.Select(partition =>
                    before.Partitions.FirstOrDefault(old => old.Oid == partition.Oid && old.IsFull && partition.IsFull) is { } full
                        ? partition with { FullSince = full.FullSince }
                        : partition),
            ],
        };

    /// <summary>Whether the source now logs something else of an old row, in the table or a partition of it.</summary>
    public static bool IdentityDiffers(CapturedTable before, CapturedTable now) =>
        before.Identity != now.Identity
        || now.Partitions.Any(partition => before.Partitions.All(old => old.Oid != partition.Oid || old.Identity != partition.Identity));

    // Values that the lake lacks from then on, or of a time.
    private static IEnumerable<string> Unfilled(CapturedTable before, CapturedTable now)
    {
        if (before.IsFull && !now.IsFull)
            yield return "REPLICA IDENTITY FULL was taken from the table, so large values that an update leaves alone are sent no more";
        var full = before.Partitions.Where(partition => partition.IsFull).Select(partition => partition.Oid).ToHashSet();
        if (now.Partitions.Any(partition => !partition.IsFull && full.Contains(partition.Oid)))
            yield return "REPLICA IDENTITY FULL was taken from a partition, so large values that an update leaves alone are sent no more";
        if (before.Membership is { } entry && now.Membership is { } another && entry != another)
            yield return "the table was out of the publication for a time, and changes made to it meanwhile were not sent";
        foreach (var name in before.LeftOut.Intersect(now.Columns.Select(column => column.Name)))
            yield return $"column {name} was left out by the definition until now, and the lake lacks its values of then";
    }

    private static IEnumerable<string> Replaced(CapturedTable before, CapturedTable now) =>
        from old in before.Columns
        join column in now.Columns on old.Name equals column.Name
        where old.Number != column.Number
        select $"column {column.Name} is another one than before (dropped and added again, or renamed), and no row was sent";

    // Stored as before, but under another name or with another text.
    private static IEnumerable<string> Reworded(CapturedTable before, CapturedTable now)
    {
        var columns =
            from old in before.Columns
            join column in now.Columns on old.Number equals column.Number
            where before.Columns.All(other => other.Name != column.Name)
            select $"column {old.Name} was renamed to {column.Name}, and no row was sent: the lake has the old name in rows that did not "
                + "change since";
        var labels =
            from old in before.Types
            join type in now.Types on old.Oid equals type.Oid
            where old.IsEnum
            from label in old.Parts.Except(type.Parts)
            select $"value {label} of type {old.Name} was renamed, and no row was sent: the lake has the old value in rows that did not "
                + "change since";
        var attributes =
            from old in before.Types
            join type in now.Types on old.Oid equals type.Oid
            where !old.IsEnum && !old.Parts.SequenceEqual(type.Parts)
            select $"type {old.Name} got or lost attributes, which changes the text of its values, and no row was sent";
        return columns.Concat(labels).Concat(attributes);
    }

    // A type whose values stay as they are stored leaves the file alone: nothing was computed anew.
    private static IEnumerable<string> Retyped(CapturedTable before, CapturedTable now) =>
        from old in before.Columns
        join column in now.Columns on (old.Name, old.Number) equals (column.Name, column.Number)
        where old.Type != column.Type
        select $"column {column.Name} became {column.Type}, which rewrote its values and sent no row: where the statement had USING, or "
            + "the cast changed a value, the lake has the old ones";

    // ALTER COLUMN … TYPE may give a column the type that it has, and its values another meaning. VACUUM FULL alters no column.
    private static IEnumerable<string> Computed(CapturedTable before, CapturedTable now) =>
        from old in before.Columns
        join column in now.Columns on (old.Name, old.Number, old.Type) equals (column.Name, column.Number, column.Type)
        where old.Altered != column.Altered
        select $"column {column.Name} was altered and rows were rewritten, and no row was sent: where ALTER COLUMN … TYPE had USING, the "
            + "lake has the old values";
}
