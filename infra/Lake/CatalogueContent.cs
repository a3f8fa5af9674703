using CdcDms.Contract.Tables;

namespace CdcDms.Infra.Lake;

/// <summary>What the catalogue has of the tables that DMS captures, and what it cannot have.</summary>
internal sealed class CatalogueContent
{
    private readonly List<CataloguedTable> _tables = [];
    private readonly List<string> _missing = [];

    /// <summary>
    /// Tables that others feed are left out: DMS writes none of their files. Of tables whose names would be alike in the catalogue it has
    /// the first, so that a table that is added at the end takes no other's place.
    /// </summary>
    public CatalogueContent(IEnumerable<TableDefinition> definitions)
    {
        var captured = definitions.Where(definition => definition.Feed is null).ToList();
        var taken = new HashSet<string>(NamesOf(Markers), StringComparer.Ordinal);
        var (undescribed, alike, likeColumns, times) = (new List<string>(), new List<string>(), new List<string>(), new List<string>());
        foreach (var definition in captured)
        {
            if (CataloguedTable.Of(definition) is not { } table)
            {
                undescribed.Add(definition.Source.ToString());
                continue;
            }

            if (NamesOf(table).Any(taken.Contains))
                alike.Add(definition.Source.ToString());
            else if (HasColumnsAlike(table))
                likeColumns.Add(definition.Source.ToString());
            else
            {
                taken.UnionWith(NamesOf(table));
                _tables.Add(table);
                times.AddRange(definition.Columns!
                    .Where(column => GlueTypes.Of(column.Type!) is null)
                    .Select(column => $"{definition.Source}.{column.From}"));
            }
        }

        Tell(undescribed, "no table for", "since the definitions do not list \"columns\" with their \"type\", as describe writes them");
        Tell(alike, "no table for", "since another table has the name there that it would have");
        Tell(likeColumns, "no table for", "since names of columns in the files differ by case alone, which Athena does not tell apart");
        Tell(times, "no column for", "since it has no type for a time of day");
    }

    /// <summary>The table of markers.</summary>
    public static CataloguedTable Markers { get; } = new()
    {
        Source = MarkerTable.Name,
        Columns =
        [
            new CataloguedColumn(MarkerTable.Number, "bigint"),
            new CataloguedColumn(MarkerTable.Id, GlueTypes.Text),
            new CataloguedColumn(MarkerTable.IntervalSeconds, "int"),
        ],
        Key = MarkerTable.Definition.Key,
    };

    /// <summary>The tables that the definitions describe.</summary>
    public IReadOnlyList<CataloguedTable> Tables => _tables;

    /// <summary>What is not in the catalogue and why, each as a sentence.</summary>
    public IReadOnlyList<string> Missing => _missing;

    private static IEnumerable<string> NamesOf(CataloguedTable table) => [table.Name, table.NameByDay, table.ViewName];

    private static bool HasColumnsAlike(CataloguedTable table)
    {
        var names = table.FileColumns.Select(column => column.Name).Append(CataloguedTable.Generation).Append(CataloguedTable.Day).ToList();
        return names.Distinct(StringComparer.OrdinalIgnoreCase).Count() < names.Count;
    }

    private void Tell(List<string> names, string what, string why)
    {
        if (names.Count > 0)
            _missing.Add($"The lake's catalogue has {what} {string.Join(", ", names)}, {why}.");
    }
}
