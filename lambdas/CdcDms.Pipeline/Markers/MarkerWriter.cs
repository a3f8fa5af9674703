using System.Data;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Markers;

/// <summary>A marker that was written.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Id">What tells it from all others.</param>
/// <param name="WrittenUtc">When it was written, by the clock of the source.</param>
public sealed record WrittenMarker(long Number, Guid Id, DateTime WrittenUtc);

/// <summary>Writes markers at the source.</summary>
/// <param name="source">A connection to the source that may write, without a transaction.</param>
/// <param name="intervalSeconds">Seconds after which the task that reads the source closes a file at the latest.</param>
public sealed class MarkerWriter(NpgsqlConnection source, int intervalSeconds)
{
    // Any number that no other program is likely to take.
    private const long Lock = 0x4364_6344_6d73_0002;

    private const int KeptDays = 30;

    private static readonly string Marker = Sql.Identifier(MarkerTable.Name);

    /// <summary>Connects to the source, makes the tables of markers unless they are there, and writes the next marker.</summary>
    /// <param name="sourceConnection">Connection string of the source database.</param>
    /// <param name="intervalSeconds">Seconds after which the task that reads the source closes a file at the latest.</param>
    /// <param name="cancellationToken">Ends the call; then the marker may be written or not.</param>
    /// <returns>The marker's number, once PostgreSQL has acknowledged the commit.</returns>
    /// <exception cref="CdcDmsException">The source cannot be opened, refused the marker or went away.</exception>
    public static async Task<long> WriteOneAsync(string sourceConnection, int intervalSeconds, CancellationToken cancellationToken)
    {
        try
        {
            await using var source = await Database.OpenAsync(sourceConnection, "source", cancellationToken);
            await MarkerSchema.EnsureAsync(source, cancellationToken);
            return (await new MarkerWriter(source, intervalSeconds).WriteAsync(cancellationToken)).Number;
        }
        catch (NpgsqlException fault)
        {
            throw PostgresFault.Tell(fault, "No marker was written at the source");
        }
    }

    /// <summary>
    /// Writes the next marker. The number is taken under a lock that is held until the commit, so a later number is a later commit.
    /// Markers of a month ago are removed.
    /// </summary>
    /// <returns>The marker, once PostgreSQL has acknowledged the commit.</returns>
    /// <exception cref="NpgsqlException">The source refused it, or the connection was lost.</exception>
    public async Task<WrittenMarker> WriteAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await source.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        // A commit that a crash may forget would give its number to another marker.
        await source.ExecuteAsync($"SET LOCAL synchronous_commit = on; SELECT pg_advisory_xact_lock({Lock})", cancellationToken);
        var marker = await source.SingleAsync(
            $"""
            INSERT INTO {Marker} ({MarkerTable.Number}, {MarkerTable.IntervalSeconds})
            SELECT coalesce(max({MarkerTable.Number}), 0) + 1, $1 FROM {Marker} RETURNING {MarkerTable.Number}, {MarkerTable.Id}, written_at
            """,
            row => new WrittenMarker(row.GetInt64(0), row.GetGuid(1), row.GetDateTime(2)),
            cancellationToken, intervalSeconds);
        await source.ExecuteAsync(
            $"DELETE FROM {Marker} WHERE written_at < now() - make_interval(days => {KeptDays}) AND {MarkerTable.Number} < $1",
            cancellationToken, marker.Number);
        await source.ExecuteAsync(
            $"DELETE FROM {Sql.Identifier(MarkerTable.Settled)} WHERE settled_at < now() - make_interval(days => {KeptDays})",
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return marker;
    }
}
