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
    /// <param name="version">The expression of a row's version.</param>
    /// <param name="texts">Columns to look through for text that PostgreSQL cannot hold, quoted.</param>
    public static string Of(ChangeKind kind, IReadOnlyList<string> key, string operation, string version, IReadOnlyList<string> texts)
    {
        List<string> faults =
        [
            Fault(Any(key, column => $"{column} IS NULL"), $"its key ({string.Join(", ", key)}) has a NULL"),
            Fault(ChangeVersionSql.IsMissing(kind, version), Unversioned(kind)),
            Fault($"coalesce({operation}, '') NOT IN ('I', 'U', 'D')", $"its {ChangeColumns.Operation} is none of I, U and D"),
        ];
        if (texts.Count > 0)
            faults.Add(Fault(Any(texts, text => $"contains({text}, chr(0))"), "a text has a zero byte, which PostgreSQL cannot hold"));
        return $"CASE {string.Join(" ", faults)} END";
    }

    private static string Fault(string condition, string words) => $"WHEN {condition} THEN {DuckDbSql.Literal(words)}";

    private static string Any(IReadOnlyList<string> columns, Func<string, string> condition) =>
        string.Join(" OR ", columns.Select(condition));

    private static string Unversioned(ChangeKind kind) => kind switch
    {
        ChangeKind.Stream { Ordering: ChangeOrdering.Timestamp } => $"its {ChangeColumns.Timestamp} is no time",
        ChangeKind.Feed feed => $"its {feed.OrderBy} is NULL",
        _ => $"its {ChangeColumns.Version} is no change version of {ChangeVersion.Digits} digits; check the task's mapping rule for it",
    };
}
