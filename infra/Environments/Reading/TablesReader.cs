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
        var tables = root.Items("tables").Select((item, index) => Table(item, $"{root.At("tables")}[{index}]", root.Findings)).ToList();
        RequireDifferent(root, tables, table => table.Source.ToString(), "name", "source", SourceNames);
        RequireDifferent(root, tables, table => table.TargetName.ToString(), "target", "target", StringComparer.Ordinal);
        return [.. tables.OfType<TableDefinition>()];
    }

    private static TableDefinition? Table(JsonElement item, string path, Findings findings)
    {
        if (ContractJson.ReadTable(item, out var wrong) is not { } table)
        {
            findings.Add(path + wrong.Path, wrong.Message);
            return null;
        }

        List<string> faults = [.. TableDefinitions.FaultsOf(table), .. Wildcards(table)];
        foreach (var fault in faults)
            findings.Add(path, fault);
        return faults.Count == 0 ? table : null;
    }

    // An underscore has an escape, these have none (docs/dms-contract.md#table-mappings).
    private static IEnumerable<string> Wildcards(TableDefinition table) =>
        table.Feed is not null ? []
        : new[] { table.Schema, table.Name }.Concat(table.LeaveOut ?? [])
            .Where(name => name.AsSpan().ContainsAny("%[]"))
            .Select(name => $"{table.Source} has a '%', '[' or ']' in the name '{name}', which DMS would take for a wildcard");

    private static void RequireDifferent(
        Section root,
        List<TableDefinition?> tables,
        Func<TableDefinition, string> of,
        string property,
        string what,
        StringComparer names)
    {
        var first = new Dictionary<string, int>(names);
        for (var index = 0; index < tables.Count; index++)
        {
            if (tables[index] is not { } table || first.TryAdd(of(table), index))
                continue;
            var other = tables[first[of(table)]]!;
            root.Findings.Add(
                $"{root.At("tables")}[{index}].{property}",
                of(other) == of(table)
                    ? $"'{of(table)}' is the {what} of {root.At("tables")}[{first[of(table)]}] already"
                    : $"'{of(table)}' differs only by case from {root.At("tables")}[{first[of(table)]}], which DMS does not tell apart");
        }
    }
}
