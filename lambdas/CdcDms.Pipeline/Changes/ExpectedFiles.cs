using CdcDms.Contract.Changes;
using CdcDms.Contract.Lake;
using CdcDms.Pipeline.BinaryCopy;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Changes;

/// <summary>What a table's files must be like, so that all that the target wants of them can be read.</summary>
/// <param name="Lake">The lake.</param>
/// <param name="Folder">Start of their keys, with its closing slash: the feed's, or the lake's own.</param>
/// <param name="Target">The table that they go to.</param>
/// <param name="Kind">What their rows are.</param>
internal sealed record ExpectedFiles(LakeUri Lake, string Folder, TargetTable Target, ChangeKind Kind)
{
    /// <summary>The files of a table.</summary>
    public static ExpectedFiles Of(TargetSession session, LakeUri lake, ChangeKind kind) =>
        new(lake, lake.Key(session.Table.Feed?.Prefix ?? ""), session.Target, kind);

    /// <summary>The generation that a file is of; 0 for one of a feed.</summary>
    public int GenerationOf(string key) => Kind is ChangeKind.Feed ? 0 : Lake.GenerationOf(key);

    /// <summary>
    /// Whether a column of which the files have no value has no type either. DMS knows the types; a writer such as pandas takes them from
    /// the values.
    /// </summary>
    public bool TakesTypeFromValues(string column) => Kind is ChangeKind.Feed && !Needed.Contains(column);

    /// <summary>Why a file with some columns cannot be one of them, as half a sentence; null when it can.</summary>
    public string? Fault(string key, IReadOnlyList<string> columns)
    {
        // DuckDB does not tell names apart by case alone, and DMS does not support such tables either (docs/dms-contract.md#source-limits).
        var sameNames = columns.Concat(RowSql.OwnNames)
            .GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(names => names.Count() > 1);
        if (sameNames is not null)
            return "it has columns whose names differ only by case, or one with a reserved name "
                + $"({string.Join(", ", sameNames)}); leave one out at the source";
        if (InFolderAlone(key, columns) is { } folder)
            return $"its folder says {folder}, and the file has no such column: values in the names of folders are not read; "
                + "write them into the files, or take the column out of the definition's columns";
        var missing = Needed.Except(columns).ToList();
        return missing.Count == 0
            ? null
            : $"the column {string.Join(", ", missing)} is missing; "
                + "the file is not of this table, or the task lacks the setting that adds it";
    }

    /// <summary>Why files with columns of some types cannot be read, as half a sentence; null when they can.</summary>
    public string? Fault(IReadOnlyDictionary<string, string> types)
    {
        var unread = Target.Columns.FirstOrDefault(
            column => types.TryGetValue(column.From, out var type) && StagedType.PostgresTypeOf(type) is null);
        if (unread is not null)
            return Unread(unread.From, types[unread.From]);
        var other = Kind is ChangeKind.Stream
            ? Kind.RequiredColumns.FirstOrDefault(column => !IsReadable(column, types[column]))
            : null;
        return other is null
            ? null
            : $"the column {other} has the type {types[other]}, and DMS writes text; "
                + "the file is not of DMS, or the source's table has a column of this name";
    }

    private IEnumerable<string> Needed => Target.Key.Select(column => column.From).Concat(Kind.RequiredColumns);

    private static bool IsReadable(string required, string fileType) =>
        fileType is "VARCHAR" || (required is ChangeColumns.Timestamp && ChangeSequenceSql.IsTime(fileType));

    /// <summary>Half a sentence for a column whose type no column of the target can take.</summary>
    public static string Unread(string column, string type) =>
        $"the column {column} has the type {type}, whose values cannot be read; "
        + "write it as text (a list, map or struct as JSON), and a decimal with at most 38 digits";

    // Hive, Spark and Athena leave a column out of the files whose value stands in the folder's name: dt=2026-01-01/. None of them, nor
    // DuckDB, tells names apart that differ only by case.
    private string? InFolderAlone(string key, IReadOnlyList<string> columns) =>
        key[Folder.Length..].Split('/')[..^1].FirstOrDefault(
            folder => folder.Split('=') is [var name, _, ..]
                && !columns.Contains(name, StringComparer.OrdinalIgnoreCase)
                && Target.Columns.Any(column => string.Equals(column.From, name, StringComparison.OrdinalIgnoreCase)));
}
