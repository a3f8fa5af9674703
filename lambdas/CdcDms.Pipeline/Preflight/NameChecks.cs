using CdcDms.Contract.Changes;
using CdcDms.Pipeline.Catalog;

namespace CdcDms.Pipeline.Preflight;

/// <summary>Names that DMS or a reader of its files cannot tell apart (docs/dms-contract.md#table-mappings).</summary>
internal static class NameChecks
{
    private const string Rename = "Rename it at the source.";

    // An underscore is escaped by the task's rules; nothing escapes these.
    private static readonly char[] Wildcards = ['%', '[', ']'];

    public static IEnumerable<Finding> Table(SourceState source, CheckedTable table)
    {
        if (table.Name.Schema.IndexOfAny(Wildcards) >= 0 || table.Name.Name.IndexOfAny(Wildcards) >= 0)
            yield return Finding.WithoutSql(
                FindingSeverity.Loses,
                $"The name {table.Name} has one of the characters %, [ and ], which select other tables in a rule of DMS.",
                Rename);
        if (table.Namesakes.Count > 0)
            yield return Finding.WithoutSql(
                FindingSeverity.Loses,
                $"The source has {Named.Of(table.Namesakes)} beside {table.Name}; DMS does not tell names apart that differ by case only.",
                "Rename one of them at the source.");
    }

    public static IEnumerable<Finding> Columns(SourceState source, CheckedTable table)
    {
        var alike = table.Columns.Select(column => column.Name).GroupBy(name => name, StringComparer.OrdinalIgnoreCase);
        foreach (var same in alike.Where(same => same.Count() > 1))
            yield return Finding.WithoutSql(
                FindingSeverity.Loses,
                $"Table {table.Name} has columns whose names differ by case only ({string.Join(", ", same)}).",
                "Rename one of them at the source, or list it in leaveOut.");
        foreach (var column in table.Columns.Where(column => ChangeColumns.All.Contains(column.Name, StringComparer.OrdinalIgnoreCase)))
            yield return Finding.WithoutSql(
                FindingSeverity.Loses,
                $"Table {table.Name} has a column {column.Name}, a name that the change files keep for themselves.",
                $"{Rename[..^1]}, or list it in leaveOut.");
    }
}
