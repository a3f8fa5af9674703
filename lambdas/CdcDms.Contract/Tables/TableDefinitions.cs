namespace CdcDms.Contract.Tables;

/// <summary>Checks a list of table definitions, wherever the list comes from.</summary>
public static class TableDefinitions
{
    /// <summary>Checks what the types of a definition cannot rule out, and what only several definitions together show.</summary>
    /// <exception cref="CdcDmsException">At least one fault; the sentences name all of them.</exception>
    public static void Check(IReadOnlyList<TableDefinition> tables, string origin) => Judge(tables, origin).All();

    /// <summary>Tells the good definitions of a list from the bad ones. Two that get in each other's way are both bad.</summary>
    /// <param name="tables">The list.</param>
    /// <param name="origin">What the list is, for the sentences: a file name.</param>
    public static TableList Judge(IReadOnlyList<TableDefinition> tables, string origin)
    {
        var faults = new List<(TableDefinition Table, string Message)>();
        foreach (var table in tables)
            faults.AddRange(FaultsOf(table).Select(fault => (table, fault)));
        faults.AddRange(Twice(tables, table => table.Source, (name, _) => $"{name} is defined more than once"));
        faults.AddRange(Twice(
            tables.Where(table => TableName.TryParse(table.Target) is not null),
            table => table.TargetName,
            (name, which) => $"{which} have the same target {name}"));
        var told = faults.ToLookup(fault => fault.Table, fault => fault.Message, ReferenceEqualityComparer.Instance);
        return new TableList(
            [.. tables.Where(table => !told.Contains(table))],
            [.. tables.Where(told.Contains).Select(table =>
                new TableFault(table.Source.ToString(), $"{origin}: {string.Join("; ", told[table])}."))]);
    }

    /// <summary>What is wrong with one definition by itself, each fault as half a sentence that names the table.</summary>
    public static IEnumerable<string> FaultsOf(TableDefinition table) => DefinitionFaults.Of(table);

    private static IEnumerable<(TableDefinition Table, string Message)> Twice(
        IEnumerable<TableDefinition> tables, Func<TableDefinition, TableName> of, Func<TableName, string, string> say) =>
        tables.GroupBy(of)
            .Where(same => same.Count() > 1)
            .SelectMany(same => same.Select(table => (
                table, say(same.Key, string.Join(" and ", same.Select(one => one.Source))))));
}
