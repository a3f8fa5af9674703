using CdcDms.Contract.Tables;

namespace CdcDms.Infra.Environments.Reading;

/// <summary>Tables that a setting names.</summary>
internal static class NamedTables
{
    /// <summary>A list of source tables as <c>schema.name</c>, each of them one of the environment's; empty by default.</summary>
    public static IReadOnlyList<string> Sources(this Section section, string name, IReadOnlyList<TableDefinition> tables)
    {
        var sources = section.Texts(name, Pattern.Table, fewest: 0);
        for (var index = 0; index < sources.Count; index++)
            section.Findings.Require(
                tables.Any(table => table.Source.ToString() == sources[index]),
                $"{section.At(name)}[{index}]",
                $"'{sources[index]}' is the source of no table",
                "$.tables");
        return sources;
    }
}
