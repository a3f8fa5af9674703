using System.Globalization;
using CdcDms.Contract.Changes;

namespace CdcDms.Contract.Tables;

/// <summary>What is wrong with one definition, beyond what its types rule out. Each fault is a half sentence.</summary>
internal static class DefinitionFaults
{
    // A change is staged with its version, its time, whether it deletes, whether it says all, its place and its number. A target has fewer.
    private const int MostOwn = 6;

    // DMS recommends no larger LOB (docs/dms-contract.md#large-objects).
    private const int MostLobKilobytes = 102_400;

    private const string LedgerSchema = "cdc";

    // DMS keeps tables of its own at source and target, and what it tells of these is not written (docs/dms-contract.md#kinesis).
    private const string PrefixOfDms = "awsdms_";

    /// <summary>Every fault; none when the definition is right.</summary>
    public static IEnumerable<string> Of(TableDefinition table) =>
        [.. OfNames(table), .. OfPolicies(table), .. OfFeed(table), .. OfColumns(table), .. OfListedColumns(table)];

    private static IEnumerable<string> OfNames(TableDefinition table)
    {
        if (table.Schema.Length == 0 || table.Name.Length == 0)
            yield return "a definition has an empty schema or name";
        // A feed's schema and name only name it.
        if (table.Feed is null && OfFolder(table.Source) is { } fault)
            yield return fault;
        if (TableName.TryParse(table.Target) is not { } target)
            yield return $"{table.Source} has the target '{table.Target}', which is not a table name: write it as schema.name";
        else if (Impossible(target) is { } name)
            yield return $"{table.Source} has the target {target}, {Reason(name)}";
        else if (target.Schema == LedgerSchema)
            yield return $"{table.Source} has the target {target}, and the schema {LedgerSchema} is the ledger's; choose another schema";
    }

    // A name is a folder of the lake: it must be one.
    private static string? OfFolder(TableName name) => name switch
    {
        _ when Impossible(name) is { } part => $"{name} cannot be a table of PostgreSQL, {Reason(part)}",
        _ when IsNoFolder(name.Schema) || IsNoFolder(name.Name) =>
            $"{name} cannot be captured: schema and table name the lake's folders, so neither may hold a slash or be a dot; "
            + "rename it at the source",
        _ => null,
    };

    private static bool IsNoFolder(string name) => name is "." or ".." || name.Contains('/', StringComparison.Ordinal);

    private static string? Impossible(TableName name) =>
        new[] { name.Schema, name.Name }.FirstOrDefault(part =>
            PostgresNames.Bytes(part) > PostgresNames.MostBytes || part.Contains('\0', StringComparison.Ordinal));

    private static string Reason(string name) => name.Contains('\0', StringComparison.Ordinal)
        ? "since no name of PostgreSQL can have a character U+0000"
        : $"since '{name}' has {PostgresNames.Bytes(name)} bytes, and a name of PostgreSQL at most {PostgresNames.MostBytes}";

    private static IEnumerable<string> OfPolicies(TableDefinition table)
    {
        if (table.Source == MarkerTable.Name || table.Source == MarkerTable.Settled)
            yield return $"{table.Source} is the pipeline's own and is captured by itself; leave its definition out";
        if (table.Feed is null && table.Name.StartsWith(PrefixOfDms, StringComparison.Ordinal))
            yield return $"{table.Source} has the name of a table of DMS's own, {PrefixOfDms}…, which is not captured; rename it at the "
                + "source";
        if (table.Key is { Count: 0 })
            yield return $"{table.Source} has an empty key; leave it out to use the primary key";
        foreach (var (name, which) in Repeated(table.Key ?? []))
            yield return $"{table.Source} has {name} {which} times in its key";
        if (table.LobKilobytes is < 1 or > MostLobKilobytes)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{table.Source} has lobKilobytes {table.LobKilobytes}; from 1 to {MostLobKilobytes} are possible");
        if (table.TombstoneRetentionDays is < 1)
            yield return $"{table.Source} keeps tombstones for {table.TombstoneRetentionDays} days; at least 1 is needed";
    }

    private static IEnumerable<string> OfFeed(TableDefinition table)
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

    private static IEnumerable<string> OfColumns(TableDefinition table)
    {
        foreach (var left in (table.LeaveOut ?? []).Where(left => IsWanted(table, left)))
            yield return $"{table.Source} leaves out {left}, which is in its key or columns";
        foreach (var key in table.Key ?? [])
            if (table.Columns?.Any(column => column.From == key) == false)
                yield return $"{table.Source} has {key} in its key but not among its columns";
    }

    private static bool IsWanted(TableDefinition table, string column) =>
        table.Key?.Contains(column) == true || table.Columns?.Any(mapping => mapping.From == column) == true;

    private static IEnumerable<string> OfListedColumns(TableDefinition table)
    {
        if (table.Columns is not { } columns)
            yield break;
        foreach (var (name, which) in Repeated(columns.Select(column => column.To)))
            yield return $"{table.Source} maps {which} columns to {name}";
        foreach (var (name, which) in Repeated(columns.Select(column => column.From)))
            yield return $"{table.Source} maps its column {name} to {which} columns; map it to one, and let a view show it again";
        foreach (var column in columns)
            if (PostgresNames.ColumnFault(column.To) is { } fault)
                yield return $"{table.Source} maps {column.From} to {column.To}, which {fault}";
            else if (IsOfDms(table, column.From))
                yield return $"{table.Source} has a column {column.From}, which is a name that the change files keep for themselves; "
                    + "rename it at the source";
        // DuckDB, which reads the files, does not tell such names apart.
        foreach (var same in columns.Select(column => column.From).Distinct().GroupBy(name => name, StringComparer.OrdinalIgnoreCase))
            if (same.Count() > 1)
                yield return $"{table.Source} has columns whose names differ only by case ({string.Join(", ", same)}); "
                    + "rename one at the source";
        if (columns.Count + MostOwn > PostgresNames.MostColumns)
            yield return $"{table.Source} has {columns.Count} columns, which with {MostOwn} of the pipeline's own are more than a table of "
                + $"PostgreSQL can have ({PostgresNames.MostColumns}); list fewer";
    }

    private static bool IsOfDms(TableDefinition table, string column) =>
        table.Feed is null && ChangeColumns.All.Contains(column, StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<(string Name, int Count)> Repeated(IEnumerable<string> names) =>
        names.GroupBy(name => name).Where(same => same.Count() > 1).Select(same => (same.Key, same.Count()));
}
