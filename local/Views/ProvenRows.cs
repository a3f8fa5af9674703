using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Local.Views;

/// <summary>
/// Rows that proofs found, as <c>validate</c> tells rows: the columns of a key in the definition's order, and the rows in that of their
/// keys. The ledger keeps keys as jsonb, which has an order of its own.
/// </summary>
internal static class ProvenRows
{
    /// <summary>The rows in this order.</summary>
    /// <param name="table">
    /// The table; where its definition names no column and no key, the columns of a key stay as the ledger has them.
    /// </param>
    /// <param name="rows">Rows that differ.</param>
    public static IReadOnlyList<ProvenDifference> InOrder(TableDefinition table, IEnumerable<ProvenDifference> rows)
    {
        List<string> columns = [.. (table.Columns ?? []).Select(column => column.To), .. table.Key ?? []];
        var found = rows.Select(row => row with { Key = InOrder(columns, row.Key) }).ToList();
        return [.. found.OrderBy(Values, KeyOrder.Of([.. found.Select(Values)]))];
    }

    private static OrderedDictionary<string, string> InOrder(List<string> columns, IReadOnlyDictionary<string, string> key) =>
        new(key.OrderBy(part => columns.IndexOf(part.Key) is >= 0 and var at ? at : columns.Count));

    private static string?[] Values(ProvenDifference row) => [.. row.Key.Values];
}
