using CdcDms.Contract.Changes;
using CdcDms.DuckDb;

namespace CdcDms.Pipeline.Changes;

/// <summary>The statements by which DuckDB reads and checks change files that have the same columns.</summary>
/// <param name="files">The files.</param>
/// <param name="kind">What their rows are.</param>
/// <param name="row">Their rows, as expressions.</param>
/// <param name="hasRegisters">Whether the target's columns may be of other versions than their row.</param>
internal sealed class ChangeQuery(ShapedFiles files, ChangeKind kind, RowSql row, bool hasRegisters)
{
    /// <summary>The files' rows, with the place of each among the files and in the order of its generation.</summary>
    public string Source =>
        $"(SELECT * REPLACE ({ChangeSequenceSql.Checked(kind)} AS {ChangeSequenceSql.Known}) FROM ("
        + $"SELECT *, {ChangeSequenceSql.Of(kind, files.Files, files.Types)}"
        + $" AS {ChangeSequenceSql.Known} FROM {Rows}{OfPart}))";

    /// <summary>Takes into memory what is needed of the files' rows.</summary>
    public string Hold => $"CREATE OR REPLACE TEMP TABLE {Held} AS SELECT {string.Join(", ", row.NeededNames)} FROM {Source}";

    /// <summary>Where <see cref="Hold"/> puts the rows.</summary>
    public const string Held = "held";

    /// <summary>
    /// Counts changes, rows, and rows that cannot be ordered or told apart; then the newest commit time, in microseconds since 1970, the
    /// newest sequence, the rows that gave a row another key, and the deletes.
    /// </summary>
    /// <param name="from">Where they are: <see cref="Source"/>, or <see cref="Held"/>.</param>
    public string Check(string from) =>
        $"SELECT {row.Read}, count(*), count({row.Fault}), epoch_us(max({row.CommittedAt})), max({RowSql.Sequence})::VARCHAR, "
        + $"{(row.Before is null ? "0::BIGINT" : $"count(*) FILTER (WHERE {row.Before.IsMove})")}, "
        + $"count(*) FILTER (WHERE {row.Operation} = 'D') FROM {from}";

    /// <summary>The rows that cannot be ordered or told apart: fault, operation, commit time, and all columns, as text.</summary>
    public string Malformed(int limit)
    {
        var values = string.Join(", ", files.Types.Keys.Select(AsText));
        return $"SELECT {row.Fault}, {row.Operation}::VARCHAR, {row.CommittedAt}::VARCHAR, {values}"
            + $" FROM {Source} WHERE {row.Fault} IS NOT NULL LIMIT {limit}";
    }

    /// <summary>
    /// The rows to merge, in key order unless they are wide: the columns, whether the change says all of them where columns are registers,
    /// then deleted, version and commit time.
    /// </summary>
    /// <param name="part">Which changes.</param>
    /// <param name="from">Where they are: <see cref="Source"/>, <see cref="Held"/>, or some of these rows.</param>
    /// <param name="wanted">The condition under which a row is wanted.</param>
    /// <param name="numbered">Whether each row's place in the files comes last.</param>
    public string Staged(ChangePart part, string from, string wanted, bool numbered)
    {
        var says = hasRegisters ? $", {row.Operation} = 'I' AS whole" : "";
        var deleted = part is ChangePart.Moves ? "true" : $"{row.Operation} = 'D'";
        var place = numbered ? $", {RowSql.Place} AS row_id" : "";
        var order = files.AreWide ? "" : $" ORDER BY {string.Join(", ", row.OrderOf(part))}";
        return $"SELECT {string.Join(", ", row.ColumnsOf(part))}{says}, {deleted} AS deleted, {Version} AS version, "
            + $"{row.CommittedAt} AS committed_at{place} FROM {from} WHERE {wanted}{order}";
    }

    /// <summary>
    /// All rows of a full load as the target has them, in no order: the columns, then version and commit time.
    /// </summary>
    /// <param name="from">Where they are: <see cref="Source"/>, or <see cref="Held"/>.</param>
    public string Straight(string from) =>
        $"SELECT {string.Join(", ", row.ColumnsOf(ChangePart.All))}, {Version} AS version, {row.CommittedAt} AS committed_at "
        + $"FROM {from} WHERE {row.IsIn(ChangePart.All)}";

    /// <summary>
    /// What wanted rows make of their keys: the key's columns as text, the version, and what decides between two of one version.
    /// </summary>
    /// <inheritdoc cref="Staged"/>
    public string Keys(ChangePart part, string from, string wanted)
    {
        var strength = part is ChangePart.Moves ? $"{RowSql.DeleteStrength}" : row.Strength;
        return $"SELECT {string.Join(", ", row.OrderOf(part).Select(key => $"({key})::VARCHAR"))}, {Version}, {strength} "
            + $"FROM {from} WHERE {wanted}";
    }

    private string Version => $"{RowSql.Sequence} + {ChangeVersion.FullLoad(files.Generation).Value}::HUGEINT";

    // Zero bytes are shown, since neither text nor JSON of PostgreSQL can hold them.
    private static string AsText(string column) => $"replace({DuckDbSql.Identifier(column)}::VARCHAR, chr(0), '␀')";

    private string Rows => files.Carried is { } carried
        ? $"(SELECT {string.Join(", ", carried.Select(column => $"{column.Value} AS {DuckDbSql.Identifier(column.Name)}"))}, "
            + $"{CarriedColumn.StandsFor} AS {RowSql.StandsFor}, file_index, {ChangeSequenceSql.RowNumber} FROM {Parquet})"
        : $"(SELECT *, file_index FROM {Parquet})";

    private string Parquet =>
        $"read_parquet({DuckDbSql.List(files.Files.Select(file => file.Path))}, file_row_number = true, hive_partitioning = false)";

    // DuckDB reads only the row groups in which the part is.
    private string OfPart => files.Part is { } part
        ? $" WHERE {ChangeSequenceSql.RowNumber} >= {part.FirstRow} AND {ChangeSequenceSql.RowNumber} < {part.EndRow}"
        : "";
}
