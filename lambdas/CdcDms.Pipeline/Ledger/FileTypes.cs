using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>What the ledger knows of the columns of a target's files.</summary>
internal static class FileTypes
{
    /// <summary>
    /// The type of each column in the newest file that had the column, as DuckDB names types, by the column's name in the files; empty
    /// where the type is not known. No columns for a target that nothing was merged into.
    /// </summary>
    /// <exception cref="CdcDmsException">The ledger is newer or older than this program.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(
        NpgsqlConnection connection, TableName target, CancellationToken cancellationToken)
    {
        var seen = await LedgerSchema.ExistsAsync(connection, cancellationToken)
            ? await connection.QueryAsync(
                "SELECT seen_columns::text FROM cdc.tables WHERE target_schema = $1 AND target_name = $2",
                row => row.GetString(0), cancellationToken, target.Schema, target.Name).SingleOrDefaultAsync(cancellationToken)
            : null;
        return seen is null
            ? new Dictionary<string, string>()
            : JsonSerializer.Deserialize(seen, LedgerJson.Default.DictionaryStringString)!;
    }
}
