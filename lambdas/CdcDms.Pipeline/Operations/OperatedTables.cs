using CdcDms.Contract;
using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Operations;

/// <summary>The definition of a table that a request names.</summary>
internal static class OperatedTables
{
    /// <summary>The definition of one table.</summary>
    /// <param name="places">Where the definitions are.</param>
    /// <param name="table">The table, by its name at the source, as <see cref="TableName.Parse"/> reads it.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="CdcDmsException">The text is no name, or the table has no definition, or one that cannot be used.</exception>
    public static async Task<TableDefinition> TableAsync(this IOperatedPlaces places, string table, CancellationToken cancellationToken)
    {
        var name = TableName.Parse(table);
        var list = await places.TablesAsync(cancellationToken);
        return list.Tables.FirstOrDefault(one => one.Source == name)
            ?? throw new CdcDmsException(
                ErrorKind.BadDefinition,
                list.Faults.FirstOrDefault(fault => fault.Table == name.ToString())?.Message
                    ?? $"There is no definition of the source table {name}; there are "
                        + $"{string.Join(", ", list.Tables.Select(one => one.Source))}.");
    }
}
