using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.DuckDb;

namespace CdcDms.Pipeline.Changes;

/// <summary>Why a row cannot be ordered or told from others, as an expression of DuckDB over the row of a file.</summary>
internal static class RowFaultSql
{
    /// <summary>The expression: half a sentence, or NULL for a row with which nothing is wrong.</summary>
    /// <param name="kind">What the rows are.</param>
    /// <param name="key">The key's columns, quoted.</param>
    /// <param name="operation">The expression of a row's operation.</param>
    /// <param name="before">The row's key before an update, where the files have it.</param>
    /// <param name="values">Columns, quoted, with their types, to look through for values that PostgreSQL cannot hold.</param>
    public static string Of(
        ChangeKind kind,
        IReadOnlyList<string> key,
        string operation,
        BeforeImageSql? before,
        IReadOnlyList<(string Name, string Type)> values)
    {
        List<string> faults =
        [
            Fault(Any(key, column => $"{column} IS NULL"), $"its key ({string.Join(", ", key)}) has a NULL"),
            Fault($"{ChangeSequenceSql.Known} IS NULL", Unversioned(kind)),
            Fault($"coalesce({operation}, '') NOT IN ('I', 'U', 'D')", $"its {ChangeColumns.Operation} is none of I, U and D"),
        ];
        if (before is not null)
            faults.Add(Fault(
                before.IsIncomplete, $"its old key ({before.Names}) is told in part only, so the row that had the key is not known"));
        foreach (var (isOfType, isUnreadable, words) in Unreadable)
            if (values.Where(value => isOfType(value.Type)).Select(value => value.Name).ToList() is { Count: > 0 } columns)
                faults.Add(Fault(Any(columns, isUnreadable), $"{words}, which PostgreSQL cannot hold"));
        return $"CASE {string.Join(" ", faults)} END";
    }

    // PostgreSQL documentation, "Date/Time Types": low and high values. A timestamp of DuckDB ends before PostgreSQL's do.
    private static readonly (Func<string, bool> IsOfType, Func<string, string> IsUnreadable, string Words)[] Unreadable =
    [
        (type => type is "VARCHAR", column => $"contains({column}, chr(0))", "a text has a zero byte"),
        (type => type is "DATE", column => $"{OutOf(column, "DATE '4714-11-24 (BC)'", "DATE '5874897-12-31'")}", "a date is out of range"),
        (
            type => type.StartsWith("TIMESTAMP", StringComparison.Ordinal),
            column => $"({OutOf($"{column}::TIMESTAMP", "TIMESTAMP '4714-11-24 (BC) 00:00:00'", "'infinity'::TIMESTAMP")})",
            "a timestamp is out of range"),
        (type => type is "TIME", column => $"{column} NOT BETWEEN TIME '00:00:00' AND TIME '24:00:00'", "a time is out of range"),
    ];

    private static string OutOf(string column, string low, string high) =>
        $"isfinite({column}) AND {column} NOT BETWEEN {low} AND {high}";

    private static string Fault(string condition, string words) => $"WHEN {condition} THEN {DuckDbSql.Literal(words)}";

    private static string Any(IReadOnlyList<string> columns, Func<string, string> condition) =>
        string.Join(" OR ", columns.Select(condition));

    private static string Unversioned(ChangeKind kind) => kind switch
    {
        ChangeKind.Stream { Ordering: ChangeOrdering.Timestamp } => $"its {ChangeColumns.Timestamp} is no time of the years 1 to 9999",
        ChangeKind.Feed feed => $"its {feed.OrderBy} is NULL, infinite or out of range",
        _ => $"its {ChangeColumns.Sequence} is no change sequence of {ChangeSequence.Digits} digits; check the task's mapping rule for it",
    };
}
