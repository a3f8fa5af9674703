using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>
/// Tells which transactions of the stream others do not see yet: a commit is in the WAL a moment before that, or long before where it waits
/// for a synchronous standby.
/// </summary>
internal static class RunningTransactions
{
    /// <summary>Those of some transactions that have not ended for others.</summary>
    public static async Task<IReadOnlySet<uint>> AmongAsync(
        NpgsqlConnection connection, IEnumerable<uint> transactions, CancellationToken cancellationToken)
    {
        const string find = "SELECT transactionid FROM pg_locks WHERE transactionid::text = ANY ($1::bigint[]::text[])";
        var asked = transactions.Select(transaction => (long)transaction).ToArray();
        return asked.Length == 0
            ? new HashSet<uint>()
            : await connection.QueryAsync(find, row => row.GetFieldValue<uint>(0), cancellationToken, asked)
                .ToHashSetAsync(cancellationToken: cancellationToken);
    }
}
