using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Tables;

namespace CdcDms.Infra.Environments.Reading;

internal static class TablesReader
{
    public static IReadOnlyList<TableDefinition> Read(Section root)
    {
        var tables = root.Items("tables").Select((item, index) => Table(item, $"{root.At("tables")}[{index}]", root.Findings)).ToList();
        RequireDifferent(root, tables, table => table.Source.ToString(), "name", "source");
        RequireDifferent(root, tables, table => table.Target, "target", "target");
        return [.. tables.OfType<TableDefinition>()];
    }

    private static TableDefinition? Table(JsonElement item, string path, Findings findings)
    {
        try
        {
            var table = item.Deserialize(ContractJson.Default.TableDefinition)
                ?? throw new JsonException("must be an object");
            TableDefinitions.Check([table], "the definition");
            findings.Require(
                !table.Schema.Contains('%', StringComparison.Ordinal) && !table.Name.Contains('%', StringComparison.Ordinal),
                path,
                "has a '%' in its name, which DMS would take for a wildcard");
            return table;
        }
        catch (JsonException fault)
        {
            findings.Add(path + fault.Path?.TrimStart('$'), fault.Message.Split(" Path: ")[0]);
        }
        catch (CdcDmsException fault)
        {
            findings.Add(path, fault.Message);
        }

        return null;
    }

    private static void RequireDifferent(
        Section root,
        List<TableDefinition?> tables,
        Func<TableDefinition, string> of,
        string property,
        string what)
    {
        var first = new Dictionary<string, int>();
        for (var index = 0; index < tables.Count; index++)
        {
            if (tables[index] is not { } table || first.TryAdd(of(table), index))
                continue;
            root.Findings.Add(
                $"{root.At("tables")}[{index}].{property}",
                $"'{of(table)}' is the {what} of {root.At("tables")}[{first[of(table)]}] already");
        }
    }
}
