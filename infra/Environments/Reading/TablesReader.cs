using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Tables;

namespace CdcDms.Infra.Environments.Reading;

internal static class TablesReader
{
    // DMS does not tell names apart that differ by case only (docs/dms-contract.md#source-limits).
    private static readonly StringComparer SourceNames = StringComparer.OrdinalIgnoreCase;

    public static IReadOnlyList<TableDefinition> Read(Section root)
    {
        var tables = root.Items("tables").Select((item, index) => Table(item, index, root)).ToList();
        RequireDifferent(root, tables, table => table.Source.ToString(), "name", "source", SourceNames);
        RequireDifferent(root, tables, Target, "target", "target", StringComparer.Ordinal);
        return tables;
    }

    private static string Target(TableDefinition table) => TableName.TryParse(table.Target)?.ToString() ?? table.Target;

    private static TableDefinition Table(JsonElement item, int index, Section root)
    {
        var read = ContractJson.ReadTable(item, index);
        var path = root.At("tables") + read.Place;
        foreach (var wrong in read.Faults)
            root.Findings.Add(path + wrong.Path, wrong.Message);
        foreach (var fault in TableDefinitions.FaultsOf(read.Table).Concat(Wildcards(read)))
            root.Findings.Add(path, fault);
        return read.Table;
    }

    // An underscore has an escape, these have none (docs/dms-contract.md#table-mappings).
    private static IEnumerable<string> Wildcards(ReadDefinition read) =>
        read.Table.Feed is not null ? []
        : new[] { read.Table.Schema, read.Table.Name }.Concat(read.Table.LeaveOut ?? [])
            .Where(name => name.AsSpan().ContainsAny("%[]") && name != read.Place)
            .Select(name => $"{read.Table.Source} has a '%', '[' or ']' in the name '{name}', which DMS would take for a wildcard");

    private static void RequireDifferent(
        Section root,
        List<TableDefinition> tables,
        Func<TableDefinition, string> of,
        string property,
        string what,
        StringComparer names)
    {
        var first = new Dictionary<string, int>(names);
        for (var index = 0; index < tables.Count; index++)
        {
            var table = tables[index];
            if (first.TryAdd(of(table), index))
                continue;
            var other = tables[first[of(table)]];
            root.Findings.Add(
                $"{root.At("tables")}[{index}].{property}",
                of(other) == of(table)
                    ? $"'{of(table)}' is the {what} of {root.At("tables")}[{first[of(table)]}] already"
                    : $"'{of(table)}' differs only by case from {root.At("tables")}[{first[of(table)]}], which DMS does not tell apart");
        }
    }
}
