namespace CdcDms.Contract.Tables;

/// <summary>A definition as it was read from JSON, right or wrong.</summary>
/// <param name="Table">
/// What could be read. Properties with a fault are left out; a missing schema, name or target is called like its place, which is no name
/// of another table.
/// </param>
/// <param name="Place">Its place in its list, such as <c>[2]</c>.</param>
/// <param name="Faults">Everything whose form is wrong.</param>
public sealed record ReadDefinition(TableDefinition Table, string Place, IReadOnlyList<JsonFault> Faults)
{
    /// <summary>The source table; the place when schema or name could not be read.</summary>
    public string Name => Place.Length > 0 && (Table.Schema == Place || Table.Name == Place) ? Place : Table.Source.ToString();
}
