using CdcDms.Contract.Changes;
using CdcDms.DuckDb;
using CdcDms.Pipeline.BinaryCopy;

namespace CdcDms.Pipeline.Changes;

/// <summary>
/// The key that a row had before an update, as expressions of DuckDB over the row of a file. DMS writes an update of a primary key as one
/// row with the new key, and tells the old one beside it (docs/dms-contract.md#before-images).
/// </summary>
internal sealed class BeforeImageSql
{
    private readonly string _operation;
    private readonly IReadOnlyList<(string Name, string Before, string Now)> _columns;

    private BeforeImageSql(string operation, IReadOnlyList<(string Name, string Before, string Now)> columns) =>
        (_operation, _columns) = (operation, columns);

    /// <summary>The expressions for files; null when the files do not have the old value of every column of the key.</summary>
    /// <param name="kind">What the rows are.</param>
    /// <param name="key">The names of the key's columns in the files.</param>
    /// <param name="types">The files' columns with their types.</param>
    /// <param name="operation">The expression of a row's operation.</param>
    public static BeforeImageSql? Of(
        ChangeKind kind, IReadOnlyList<string> key, IReadOnlyDictionary<string, string> types, string operation) =>
        kind is ChangeKind.Stream && key.All(column => types.ContainsKey(ChangeColumns.BeforeImage(column)))
            ? new BeforeImageSql(
                operation, [.. key.Select(column => (column, Before(column, types), Now(column, types[column])))])
            : null;

    /// <summary>The old value of one of the key's columns.</summary>
    public string Of(string keyColumn) => _columns.First(column => column.Name == keyColumn).Before;

    /// <summary>The old key's columns, for a sentence.</summary>
    public string Names => string.Join(", ", _columns.Select(column => $"before {DuckDbSql.Identifier(column.Name)}"));

    /// <summary>The condition under which an update has given the row another key.</summary>
    public string IsMove => $"({_operation} = 'U' AND {All(column => $"{column.Before} IS NOT NULL")} AND {Differs})";

    /// <summary>The condition under which only a part of the old key is told, and differs from the new one.</summary>
    public string IsIncomplete => $"({_operation} = 'U' AND {Any(column => $"{column.Before} IS NULL")} AND {Differs})";

    private string Differs => $"({Any(column => $"coalesce({column.Before} <> {column.Now}, false)")})";

    // Both have one type in DMS's files. Where they have not, what does not read as the key's type counts as not told: a truth is no 1.
    private static string Before(string column, IReadOnlyDictionary<string, string> types)
    {
        var (before, type) = (DuckDbSql.Identifier(ChangeColumns.BeforeImage(column)), types[column]);
        return StagedType.Readable(
            types[ChangeColumns.BeforeImage(column)] == type ? before : $"TRY_CAST(CAST({before} AS VARCHAR) AS {type})", type);
    }

    // As it is staged: a key that differs in nanoseconds alone is the same one.
    private static string Now(string column, string type) => StagedType.Readable(DuckDbSql.Identifier(column), type);

    private string All(Func<(string Name, string Before, string Now), string> condition) =>
        string.Join(" AND ", _columns.Select(condition));

    private string Any(Func<(string Name, string Before, string Now), string> condition) =>
        $"({string.Join(" OR ", _columns.Select(condition))})";
}
