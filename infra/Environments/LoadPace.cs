using CdcDms.Contract.Tables;

namespace CdcDms.Infra.Environments;

/// <summary>
/// How many tables DMS loads at a time and how many rows it holds of each, so that its large values fit into memory. DMS sets aside the
/// largest size of a value × the rows × the LOB columns for each table that it loads, and swaps or dies where it cannot
/// (docs/dms-contract.md#large-objects).
/// </summary>
/// <param name="Tables">Tables at a time (<c>MaxFullLoadSubTasks</c>).</param>
/// <param name="Rows">Rows that are transferred together (<c>CommitRate</c>).</param>
internal sealed record LoadPace(int Tables, int Rows)
{
    /// <summary>
    /// LOB columns that a table has at least whose definition does not list all of its columns: their number is not known here, and
    /// synthesis asks no database.
    /// </summary>
    public const int AssumedColumns = 8;

    private const int MostTables = 8;
    private const int MostRows = 10_000;

    // DMS applies changes in arrays of a thousand rows, which need the memory of a thousand whatever the load takes.
    private const int FewestRows = 1_000;

    private const long KilobytesPerGigabyte = 1024 * 1024;

    // Types that DMS carries within the row (docs/dms-contract.md#postgresql-types); every other may be a LOB.
    private static readonly HashSet<string> Small = new(StringComparer.OrdinalIgnoreCase)
    {
        "smallint", "int2", "integer", "int", "int4", "bigint", "int8", "numeric", "decimal", "real", "float4", "double", "float8", "money",
        "boolean", "bool", "date", "time", "timetz", "timestamp", "timestamptz", "interval", "uuid", "varchar", "character", "char",
        "bpchar", "name", "bit", "varbit", "inet", "cidr", "macaddr", "macaddr8", "smallserial", "serial", "bigserial",
    };

    /// <summary>
    /// As many tables as fit into half of the memory, then as many rows; the other half is for changes and for DMS itself.
    /// </summary>
    /// <param name="replication">Memory, and the size of a large value.</param>
    /// <param name="tables">What is loaded.</param>
    /// <returns>Null where a single table does not fit.</returns>
    public static LoadPace? Of(ReplicationSettings replication, IEnumerable<TableDefinition> tables)
    {
        var available = replication.Compute.MemoryGigabytes * KilobytesPerGigabyte / 2;
        var largestFirst = tables.Where(table => table.Feed is null).Select(table => KilobytesPerRow(replication, table)).OrderDescending();
        var sums = largestFirst.Take(MostTables).Aggregate(new List<long>(), (sums, size) => [.. sums, sums.LastOrDefault() + size]);
        for (var count = MostTables; count >= 1; count--)
        {
            var perRow = sums.Count == 0 ? 0 : sums[Math.Min(count, sums.Count) - 1];
            if (perRow * FewestRows <= available)
                return new LoadPace(count, perRow == 0 ? MostRows : (int)Math.Min(MostRows, available / perRow));
        }

        return null;
    }

    /// <summary>
    /// What the large values of one row take at most. DMS loads columns that a definition does not list as well: only where others are
    /// added, or park the table, the list is of all that there are.
    /// </summary>
    public static long KilobytesPerRow(ReplicationSettings replication, TableDefinition table)
    {
        var listed = table.Columns?.Count(MayBeLarge) ?? 0;
        var large = table.Columns is null || table.NewColumnPolicy is NewColumnPolicy.Ignore ? Math.Max(listed, AssumedColumns) : listed;
        return (long)(table.LobKilobytes ?? replication.LobKilobytes) * large;
    }

    private static bool MayBeLarge(ColumnMapping column)
    {
        if (column.Type is not { } type || type.Contains('[', StringComparison.Ordinal))
            return true;
        var name = type.Split(' ', '(')[0];
        return !Small.Contains(name);
    }
}
