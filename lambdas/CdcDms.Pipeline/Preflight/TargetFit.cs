using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Evolution;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Preflight;

/// <summary>Whether the target's columns can take what the source's hold, by the rule by which the merge parks a table.</summary>
internal static class TargetFit
{
    private static readonly string[] Texts = ["text", "varchar", "bpchar", "citext", "name"];
    private static readonly string[] TextTypes = ["text", "character varying", "character", "name"];

    public static IEnumerable<Finding> Of(TableDefinition definition, IReadOnlyList<TargetColumn> columns, CheckedTable source)
    {
        foreach (var column in columns)
            if (source.Columns.FirstOrDefault(one => one.Name == column.From) is not { } from)
            {
                // A column that the target has for itself, unless somebody lists it.
                if (definition.Columns?.Any(listed => listed.From == column.From) == true)
                    yield return Finding.WithoutSql(
                        FindingSeverity.Loses,
                        $"The source table {definition.Source} has no column {column.From}, which its definition lists: {column.To} stays "
                        + "NULL.",
                        "Correct the definition.").Of("target-columns");
            }
            else if (OfType(definition, column, from) is { } finding)
                yield return finding.Of("target-types");

        if (definition.NewColumnPolicy is not NewColumnPolicy.Fail)
            yield break;
        foreach (var from in source.Columns.Where(from => !from.IsGenerated && columns.All(column => column.From != from.Name)))
            yield return Finding.WithoutSql(
                FindingSeverity.Blocks,
                $"Column {from.Name} of {definition.Source} goes nowhere, and newColumns is \"fail\": the first merge parks the table.",
                "Add the column to the target or to columns, or list it in leaveOut.").Of("target-columns");
    }

    private static Finding? OfType(TableDefinition definition, TargetColumn column, TableColumn from)
    {
        var (fileType, target) = (DmsFileTypes.Of(from.BaseType, from.Modifier), definition.TargetName);
        if (ColumnFit.Of(fileType, column) is ColumnFit.Loses && !column.TypeIsGiven)
            return Finding.WithSql(
                FindingSeverity.Blocks,
                $"Column {column.To} of the target {target} is {column.Type}, which cannot hold every {from.Type} of {definition.Source}."
                + $"{from.Name} unchanged: the merge parks the table.",
                $"ALTER TABLE {Sql.Identifier(target)} ALTER COLUMN {Sql.Identifier(column.To)} TYPE {from.AnalyticsType} "
                + $"USING {Sql.Identifier(column.To)}::text::{from.AnalyticsType}");
        return Texts.Contains(from.BaseTypeName) && !TextTypes.Contains(column.Type)
            ? Finding.WithoutSql(
                FindingSeverity.Warns,
                $"Column {column.To} of the target {target} is {column.Type}, and {definition.Source}.{from.Name} is {from.Type}: a row "
                + "with a text that is none is put into the quarantine.",
                "Give the target's column the type text unless every value fits.")
            : null;
    }
}
