using CdcDms.Contract.Changes;
using CdcDms.Pipeline.Changes;

namespace CdcDms.Pipeline.Spark;

/// <summary>
/// The reduction as one SQL text that Spark and DuckDB both run. It leaves out only changes that cannot matter: each is followed by a
/// later one of the same key. Whatever has to be looked at more closely stays, since a merge reduces what is left once more.
/// </summary>
internal static class SparkSql
{
    /// <summary>The view of the files' rows.</summary>
    public const string Changes = "changes";

    /// <summary>The statement.</summary>
    /// <param name="columns">The names of the files' columns, in the order of their numbers.</param>
    /// <param name="key">The names of the key's columns.</param>
    /// <param name="types">The columns' types.</param>
    public static string Reduce(
        IReadOnlyList<string> columns, IReadOnlyList<string> key, IReadOnlyDictionary<string, string> types)
    {
        string Of(string name) => CarriedType.Name(columns.Index().First(column => column.Item == name).Index);
        var (operation, sequence) = (Of(ChangeColumns.Operation), Of(ChangeColumns.Sequence));
        var keys = key.Select(Of).ToList();
        // Of a soft delete the last image stays, and a delete empties columns of which a later insert says nothing: when the files are
        // merged, the target may have registers that it has not yet. So the last delete and the last image both stay.
        var ofKey = $"{string.Join(", ", keys)}, CASE WHEN {operation} = 'D' THEN 1 ELSE 0 END";
        var moves = key.Where(name => types.ContainsKey(ChangeColumns.BeforeImage(name))).Select(name =>
            types[name] == types[ChangeColumns.BeforeImage(name)]
                ? $"({operation} = 'U' AND coalesce({Of(ChangeColumns.BeforeImage(name))} <> {Of(name)}, false))"
                : $"({operation} = 'U' AND {Of(ChangeColumns.BeforeImage(name))} IS NOT NULL)");
        var all = string.Join(", ", columns.Select((_, index) => CarriedType.Name(index)));
        string[] faults =
        [
            .. keys.Select(column => $"{column} IS NULL"),
            $"coalesce({operation}, '') NOT IN ('I', 'U', 'D')",
            $"{sequence} IS NULL", $"length({sequence}) <> {ChangeSequence.Digits}", $"translate({sequence}, '0123456789', '') <> ''",
        ];
        // A faulty row has no place among the others, and an update that has moved a row also says where the row is no longer: both stay.
        return $"""
            SELECT {all}, CASE WHEN place > 1 THEN 1 ELSE plain + stays END AS {CarriedColumn.StandsFor}
            FROM (
              SELECT *,
                row_number() OVER (PARTITION BY {ofKey}, faulty ORDER BY {sequence} DESC, strength DESC) AS place,
                CAST(sum(1 - stays) OVER (PARTITION BY {ofKey}, faulty) AS BIGINT) AS plain
              FROM (
                SELECT *,
                  CASE WHEN {string.Join(" OR ", ["faulty = 1", .. moves])} THEN 1 ELSE 0 END AS stays
                FROM (
                  SELECT *,
                    CASE WHEN {string.Join(" OR ", faults)} THEN 1 ELSE 0 END AS faulty,
                    CASE {operation} WHEN 'D' THEN 2 WHEN 'U' THEN 1 ELSE 0 END AS strength
                  FROM {Changes}) AS judged) AS marked) AS placed
            WHERE place = 1 OR stays = 1
            """;
    }

    /// <summary>Columns as Spark's DDL names them; back quotes quote whatever a name holds.</summary>
    public static string Schema(IEnumerable<(string Name, string Type)> columns) =>
        string.Join(", ", columns.Select(column => $"`{column.Name.Replace("`", "``", StringComparison.Ordinal)}` {column.Type}"));
}
