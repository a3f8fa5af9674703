using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Preflight;

/// <summary>Columns that one side has and the other does not.</summary>
internal static class TargetColumnNames
{
    public static IEnumerable<Finding> Of(CheckedTarget target, IReadOnlyList<TargetColumn> columns, CheckedTable source)
    {
        var (definition, there) = (target.Definition, source.Columns.Select(column => column.Name).ToHashSet());
        var homeless = source.Columns
            .Where(from => !from.IsGenerated && columns.All(column => column.From != from.Name)).Select(from => from.Name).ToList();
        // One that the definition lists is told with the source.
        var unfed = columns.Where(column => !there.Contains(column.From)).Select(column => column.From)
            .Except((definition.Columns ?? []).Select(column => column.From)).ToList();
        var renamed = homeless.Count > 0 ? unfed : [.. unfed.Where(target.Seen.Contains)];
        if (renamed.Count > 0)
            yield return Finding.WithoutSql(
                FindingSeverity.Warns,
                $"The target {target.Name} has {Named.Of(renamed)}, which the source table {definition.Source} has not"
                + (homeless.Count > 0 ? $", and the source has {Named.Of(homeless)}, which the target has not. " : " any more. ")
                + "If a column was renamed at the source, its old values stay under the old name, and the new ones do not join them.",
                "Then rename the target's column too, or list it in the definition's columns (\"from\" the new name, \"to\" the old one).")
                .Of("target-columns");
        if (definition.NewColumnPolicy is NewColumnPolicy.Fail)
            foreach (var name in homeless)
                yield return Finding.WithoutSql(
                    FindingSeverity.Blocks,
                    $"Column {name} of {definition.Source} goes nowhere, and newColumns is \"fail\": the first merge parks the table.",
                    "Add the column to the target or to columns, or list it in leaveOut.").Of("target-columns");
    }
}
