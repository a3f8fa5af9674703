using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;

namespace CdcDms.Infra.Lake;

/// <summary>
/// Athena's SQL over a table of DMS's change files. Column names are told apart whatever their case.
/// </summary>
/// <param name="table">The table, with its key.</param>
/// <param name="markers">The table of markers.</param>
/// <param name="database">The database of the catalogue.</param>
internal sealed class LakeSql(CataloguedTable table, CataloguedTable markers, string database)
{
    private static readonly string Operation = Quoted(ChangeColumns.Operation);

    private readonly IReadOnlyList<string> _key = table.Key ?? throw new ArgumentException($"{table.Source} has no key.", nameof(table));

    /// <summary>
    /// The rows as they are: of each key the newest change, unless it is a delete or the key has become another one since. A row of a full
    /// load has no sequence, and is older than every change of its generation.
    /// </summary>
    public string CurrentState =>
        $"""
        WITH versions AS (
            SELECT *, {Version} AS cdc_version
            FROM {Of(table.Name)}
        ), places AS (
            SELECT *, row_number() OVER (
                PARTITION BY {Columns(_key)}
                ORDER BY cdc_version DESC, CASE {Operation} WHEN 'D' THEN 0 WHEN 'U' THEN 1 ELSE 2 END) AS cdc_place
            FROM versions
        ), moved AS (
            SELECT {string.Join(", ", _key.Select((column, index) => $"{Before(column)} AS cdc_old_{index}"))},
                max(cdc_version) AS cdc_moved_version
            FROM versions
            WHERE {Operation} = 'U' AND ({string.Join(" OR ", _key.Select(column => $"{Before(column)} <> {Quoted(column)}"))})
            GROUP BY {Columns(_key.Select(ChangeColumns.BeforeImage))}
        )
        SELECT {Wanted}
        FROM places LEFT JOIN moved
            ON {string.Join(" AND ", _key.Select((column, index) => $"places.{Quoted(column)} = moved.cdc_old_{index}"))}
        WHERE cdc_place = 1 AND coalesce({Operation}, 'I') <> 'D' AND (cdc_moved_version IS NULL OR cdc_moved_version < cdc_version)
        """;

    /// <summary>The statement that makes a view of <see cref="CurrentState"/>, beside the table.</summary>
    public string View => $"CREATE OR REPLACE VIEW {Of(table.ViewName)} AS\n{CurrentState}";

    /// <summary>Rows, newest change and newest marker, to compare with what <c>status --lake</c> tells of source and analytics.</summary>
    public string Status =>
        $"""
        SELECT
            (SELECT count(*) FROM ({CurrentState}) cdc_now) AS cdc_rows,
            (SELECT max({Version})
                FROM {Of(table.Name)}) AS cdc_newest_version,
            (SELECT max({Quoted(ChangeColumns.Timestamp)})
                FROM {Of(table.Name)}) AS cdc_newest_commit,
            (SELECT max({Quoted(MarkerTable.Number)})
                FROM {Of(markers.Name)} WHERE {Operation} = 'I') AS cdc_newest_marker
        """;

    private static string Version =>
        $"{Quoted(CataloguedTable.Generation)} || lpad(coalesce({Quoted(ChangeColumns.Sequence)}, ''), 35, '0')";

    private string Wanted => string.Join(", ", table.Columns.Select(column => $"places.{Quoted(column.Name)}"));

    private string Of(string name) => $"{Quoted(database)}.{Quoted(name)}";

    private static string Before(string column) => Quoted(ChangeColumns.BeforeImage(column));

    private static string Columns(IEnumerable<string> names) => string.Join(", ", names.Select(Quoted));

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
