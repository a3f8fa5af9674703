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
    public static TableList Judge(IReadOnlyList<TableDefinition> tables, string origin) =>
        Judge([.. tables.Select(table => new ReadDefinition(table, "", []))], origin);

    /// <inheritdoc cref="Judge(IReadOnlyList{TableDefinition}, string)"/>
    /// <param name="tables">The list as it was read; one with a fault in its form is judged by what of it could be read.</param>
    internal static TableList Judge(IReadOnlyList<ReadDefinition> tables, string origin)
    {
        var meetings = Twice(tables, table => table.Source, (name, _) => $"{name} is defined more than once")
            .Concat(Twice(
                tables.Where(one => TableName.TryParse(one.Table.Target) is not null),
                table => table.TargetName,
                (name, which) => $"{which} have the same target {name}"))
            .ToLookup(fault => fault.One, fault => fault.Message, ReferenceEqualityComparer.Instance);
        var good = new List<TableDefinition>();
        var bad = new List<TableFault>();
        foreach (var one in tables)
        {
            var lines = one.Faults.Select(fault => $"{origin}{one.Place}{fault.Path}: {fault.Message}.").ToList();
            if (string.Join("; ", FaultsOf(one.Table).Concat(meetings[one])) is { Length: > 0 } sentence)
                lines.Add($"{origin}{one.Place}: {sentence}.");
            if (lines.Count == 0)
                good.Add(one.Table);
            else
                bad.Add(new TableFault(one.Name, string.Join('\n', lines)));
        }

        return new TableList(good, bad);
    }

    /// <summary>What is wrong with one definition by itself, each fault as half a sentence that names the table.</summary>
    public static IEnumerable<string> FaultsOf(TableDefinition table) => DefinitionFaults.Of(table);

    private static IEnumerable<(ReadDefinition One, string Message)> Twice(
        IEnumerable<ReadDefinition> tables, Func<TableDefinition, TableName> of, Func<TableName, string, string> say) =>
        tables.GroupBy(one => of(one.Table))
            .Where(same => same.Count() > 1)
            .SelectMany(same => same.Select(one => (one, say(same.Key, string.Join(" and ", same.Select(each => each.Name))))));
}
