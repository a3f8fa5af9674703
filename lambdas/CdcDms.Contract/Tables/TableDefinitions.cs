using CdcDms.Contract.Changes;

namespace CdcDms.Contract.Tables;

/// <summary>Checks a list of table definitions, wherever the list comes from.</summary>
public static class TableDefinitions
{
    /// <summary>Checks what the types of a definition cannot rule out, and what only several definitions together show.</summary>
    /// <exception cref="CdcDmsException">At least one fault; the sentence names all of them.</exception>
    public static void Check(IReadOnlyList<TableDefinition> tables, string origin)
    {
        var faults = tables.SelectMany(Faults)
            .Concat(Twice(tables, table => table.TargetName, (name, which) => $"{which} have the same target {name}"))
            .Concat(Twice(tables, table => table.Source, (name, _) => $"{name} is defined more than once"))
            .ToList();
        if (faults.Count > 0)
            throw new CdcDmsException(ErrorKind.BadDefinition, $"{origin}: {string.Join("; ", faults)}.");
    }

    private static IEnumerable<string> Faults(TableDefinition table)
    {
        if (table.Schema.Length == 0 || table.Name.Length == 0)
            yield return "a definition has an empty schema or name";
        if (table.Key is { Count: 0 })
            yield return $"{table.Source} has an empty key; leave it out to use the primary key";
        if (table.TombstoneRetentionDays is < 1)
            yield return $"{table.Source} keeps tombstones for {table.TombstoneRetentionDays} days; at least 1 is needed";
        foreach (var fault in FeedFaults(table).Concat(ColumnFaults(table)))
            yield return fault;
    }

    private static IEnumerable<string> FeedFaults(TableDefinition table)
    {
        if (table.Feed is not { } feed)
            yield break;
        if (!IsFolder(feed.Prefix) || feed.Prefix.StartsWith(TableFeed.ReservedFolder, StringComparison.Ordinal))
            yield return $"{table.Source} is fed from '{feed.Prefix}', which is no folder of the lake; write it as FOLDER/";
        if ((table.Deletes, table.LobUpdates, table.Ordering) is not (DeleteMode.Hard, LobUpdates.Trust, ChangeOrdering.ChangeSequence))
            yield return $"{table.Source} is fed from plain files, which have no deletes, updates or change order: "
                + "leave out deletes, lobUpdates and ordering";
    }

    private static bool IsFolder(string prefix) => prefix.Length > 1 && prefix[0] != '/' && prefix[^1] == '/';

    private static IEnumerable<string> ColumnFaults(TableDefinition table)
    {
        foreach (var left in (table.LeaveOut ?? []).Where(left => IsWanted(table, left)))
            yield return $"{table.Source} leaves out {left}, which is in its key or columns";
        if (table.Columns is not { } columns)
            yield break;
        foreach (var (name, which) in Repeated(columns.Select(column => column.To)))
            yield return $"{table.Source} maps {which} columns to {name}";
        foreach (var column in columns.Where(column => ChangeColumns.Contains(column.From) || TargetColumns.Contains(column.To)))
            yield return $"{table.Source} maps {column.From} to {column.To}, a name that the pipeline keeps for itself";
        foreach (var key in table.Key ?? [])
            if (!columns.Any(column => column.From == key))
                yield return $"{table.Source} has {key} in its key but not among its columns";
    }

    private static bool IsWanted(TableDefinition table, string column) =>
        table.Key?.Contains(column) == true || table.Columns?.Any(mapping => mapping.From == column) == true;

    private static IEnumerable<string> Twice(
        IEnumerable<TableDefinition> tables, Func<TableDefinition, TableName> of, Func<TableName, string, string> say) =>
        tables.GroupBy(of)
            .Where(same => same.Count() > 1)
            .Select(same => say(same.Key, string.Join(" and ", same.Select(table => table.Source))));

    private static IEnumerable<(string Name, int Count)> Repeated(IEnumerable<string> names) =>
        names.GroupBy(name => name).Where(same => same.Count() > 1).Select(same => (same.Key, same.Count()));
}
