using CdcDms.Pipeline.Catalog;

namespace CdcDms.Pipeline.Preflight;

/// <summary>Columns that a definition names and the source does not have: renamed there, dropped, or misspelt.</summary>
internal static class DefinitionChecks
{
    public static IEnumerable<Finding> Columns(SourceState source, CheckedTable table)
    {
        var there = table.Columns.Select(column => column.Name).ToHashSet();
        var listed = (table.Definition.Columns ?? []).ToDictionary(column => column.From, column => column.To);
        List<string> others = listed.Count == 0 ? [] : [.. there.Where(name => !listed.ContainsKey(name))];
        var also = others.Count == 0 ? "" : $"; the source has {Named.Of(others)}, which the definition does not list";
        const string cure = "If it was renamed, write its new name into the definition, with the target's column as before (\"from\" and "
            + "\"to\"); if it was dropped, take it out of the definition.";
        foreach (var name in (table.Definition.Key ?? []).Where(name => !there.Contains(name)))
            yield return Finding.WithoutSql(
                FindingSeverity.Blocks,
                $"The source table {table.Name} has no column {name}, which its definition has in the key{also}.",
                cure);
        foreach (var (from, to) in listed.ExceptBy([.. there, .. table.Definition.Key ?? []], column => column.Key))
            yield return Finding.WithoutSql(
                FindingSeverity.Loses,
                $"The source table {table.Name} has no column {from}, which its definition lists{also}: nothing more comes into {to} of "
                + "the target.",
                cure);
        foreach (var name in (table.Definition.LeaveOut ?? []).Where(name => !table.Alterable.ContainsKey(name)))
            yield return Finding.WithoutSql(
                FindingSeverity.Warns,
                $"The source table {table.Name} has no column {name}, which its definition leaves out; if another column is meant, that "
                + "one is captured.",
                "Correct the name in leaveOut, or take it out.");
    }
}
