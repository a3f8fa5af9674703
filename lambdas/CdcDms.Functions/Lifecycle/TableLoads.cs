using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;

namespace CdcDms.Functions.Lifecycle;

/// <summary>The loads of tables in DMS's words (docs/dms-contract.md#table-statistics).</summary>
internal static class TableLoads
{
    /// <summary>DMS's word for a replication that loads nothing.</summary>
    public const string ChangesOnly = "cdc";

    private const string Completed = "Table completed";
    private const string Missing = "Table does not exist";
    private static readonly string[] Loading = ["Before load", "Full load", "Table is being reloaded"];

    /// <summary>The loads by table: of one that stands on two pages, since another came while they were read, the later.</summary>
    public static IReadOnlyDictionary<TableName, TableLoad> Loads(IEnumerable<DmsTable> tables)
    {
        var loads = new Dictionary<TableName, TableLoad>();
        foreach (var table in tables)
            loads[table.Name()] = new TableLoad
            {
                State = table.TableState ?? "unknown",
                StartUtc = table.FullLoadStartTime,
                EndUtc = table.FullLoadEndTime,
                ErrorRows = table.FullLoadErrorRows + table.FullLoadCondtnlChkFailedRows,
            };
        return loads;
    }

    public static IReadOnlyList<TableToReload> ToReload(IEnumerable<TableName> tables) =>
        [.. tables.Select(table => new TableToReload(table.Schema, table.Name))];

    /// <summary>Whether DMS is loading the table, or will soon.</summary>
    public static bool IsLoading(this TableLoad load) => Loading.Contains(load.State);

    /// <summary>Whether a load has come to its end, every row or not.</summary>
    public static bool HasEnded(this TableLoad load) => load.State == Completed && load.StartUtc is { } start && load.EndUtc >= start;

    /// <summary>The table's name at the source.</summary>
    public static TableName Name(this DmsTable table) => new(table.SchemaName, table.TableName);

    /// <summary>Whether DMS is loading the table, or will soon.</summary>
    public static bool IsLoading(this DmsTable table) => Loading.Contains(table.TableState);

    /// <summary>Whether DMS brings no change of the table: it is neither loaded nor being loaded.</summary>
    public static bool IsStranded(this DmsTable table) => table.TableState != Completed && !table.IsLoading();

    /// <summary>Whether the table is in a state that no load ends in which brought its rows.</summary>
    public static bool HasFailed(this TableLoad load) => load.State != Completed && !load.IsLoading();

    /// <summary>Whether the source has no such table.</summary>
    public static bool IsMissing(this TableLoad load) => load.State == Missing;

    /// <summary>
    /// Whether this is another load than one that was seen before. Of one that was under way then, the end is new; of one that had ended,
    /// the start has to be another, since DMS goes on showing the old one after it was asked.
    /// </summary>
    public static bool IsOtherThan(this TableLoad load, TableLoad before) =>
        before.IsLoading() ? (load.StartUtc, load.EndUtc) != (before.StartUtc, before.EndUtc) : load.StartUtc != before.StartUtc;
}
