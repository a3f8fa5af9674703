using CdcDms.Contract;
using CdcDms.Contract.Tables;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>Tells which tables no capture could take, whatever its role may do; DMS could not take them either.</summary>
internal static class CapturableTables
{
    /// <summary>The tables that cannot be captured as they are defined.</summary>
    /// <exception cref="CdcDmsException">The source database cannot be used.</exception>
    public static async Task<IReadOnlyList<RefusedTable>> RefusedAsync(
        string sourceConnection, IReadOnlyList<TableDefinition> definitions, CancellationToken cancellationToken)
    {
        var source = new Source(sourceConnection);
        await using var connection = await source.OpenAsync(cancellationToken);
        try
        {
            var found = await SourceTables.ReadAsync(connection, source.Name, definitions, cancellationToken);
            return
            [
                .. found.Refused,
                .. found.Tables.Where(table => table.StreamFault is not null)
                    .Select(table => new RefusedTable(table.Name, table.StreamFault!)),
            ];
        }
        catch (NpgsqlException fault)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable, $"The tables of the source {source.Name} were not described: {fault.Message.TrimEnd('.')}.", fault);
        }
    }
}
