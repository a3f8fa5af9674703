namespace CdcDms.Pipeline.Ledger;

/// <summary>
/// The places that a target's columns have in the strings of bits of its registers. A column keeps its place for ever.
/// </summary>
/// <param name="Columns">Names of the target's columns, in the order of their places.</param>
internal sealed record RegisterPlaces(IReadOnlyList<string> Columns)
{
    /// <summary>Gives columns <c>$2</c> the next places in the registers of the table <c>$1</c>. Only under the table's lock.</summary>
    public const string Add = "UPDATE cdc.tables SET register_columns = register_columns || $2::text[] WHERE id = $1";

    private readonly Dictionary<string, int> _places = Columns.Index().ToDictionary(item => item.Item, item => item.Index);

    // A string of bits has one at least.
    private int Count => Math.Max(1, Columns.Count);

    /// <summary>No column.</summary>
    public string None => Of([]);

    /// <summary>The bits of some columns. One that has no place is of the version of its row wherever it is.</summary>
    public string Of(IEnumerable<string> names)
    {
        var bits = new char[Count];
        Array.Fill(bits, '0');
        foreach (var name in names)
            if (_places.TryGetValue(name, out var place))
                bits[place] = '1';
        return $"B'{new string(bits)}'";
    }

    /// <summary>The bits of a text: one that was kept when there were fewer columns says nothing of the later ones.</summary>
    public string Read(string text) => $"CAST({text} AS bit({Count}))";

    /// <summary>The condition under which a column is among bits.</summary>
    /// <exception cref="KeyNotFoundException">The column has no place.</exception>
    public string Has(string bits, string column) => $"get_bit({bits}, {_places[column]}) = 1";
}
