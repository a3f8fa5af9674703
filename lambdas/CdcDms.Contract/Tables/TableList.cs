namespace CdcDms.Contract.Tables;

/// <summary>A definition that cannot be used.</summary>
/// <param name="Table">The source table, <c>schema.name</c>; the place in the list, such as <c>[2]</c>, if it has none.</param>
/// <param name="Message">All that is wrong with it: a sentence, or a line for each place that is wrong.</param>
public sealed record TableFault(string Table, string Message);

/// <summary>The definitions of a list that can be used, and what is wrong with the others: a bad one does not stop the good ones.</summary>
/// <param name="Tables">The good ones, in their order.</param>
/// <param name="Faults">One for each bad one, in their order.</param>
public sealed record TableList(IReadOnlyList<TableDefinition> Tables, IReadOnlyList<TableFault> Faults)
{
    /// <summary>All definitions.</summary>
    /// <exception cref="CdcDmsException">One of them is bad; the sentences name every fault.</exception>
    public IReadOnlyList<TableDefinition> All() =>
        Faults.Count == 0
            ? Tables
            : throw new CdcDmsException(ErrorKind.BadDefinition, string.Join('\n', Faults.Select(fault => fault.Message)));
}
