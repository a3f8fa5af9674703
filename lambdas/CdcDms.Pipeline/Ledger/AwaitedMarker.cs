using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>A marker for which somebody waits until it is due for a table.</summary>
/// <param name="IsDue">Whether every change of the table below the marker is merged.</param>
/// <param name="HasCome">Whether the marker has come through the lake.</param>
/// <param name="IsADayOld">Whether it is waited for since the day before.</param>
/// <param name="RejectedFile">The first of the table's rejected files; null for none.</param>
internal sealed record AwaitedMarker(bool IsDue, bool HasCome, bool IsADayOld, string? RejectedFile)
{
    /// <summary>The first of the rejected files of the table <c>t</c>.</summary>
    public const string FirstRejectedFile = "(SELECT min(r.key) FROM cdc.rejected_files r WHERE r.table_id = t.id)";

    /// <summary>Why it is not waited for any longer, as sentences; null while it is, and once it is due.</summary>
    public string? Hopeless => !IsDue && IsADayOld ? Cause("The marker", HasCome, RejectedFile) : null;

    /// <summary>Why a marker is not due after a day.</summary>
    /// <param name="marker">What the marker is called, at the beginning of a sentence.</param>
    /// <param name="hasCome">Whether the marker has come through the lake.</param>
    /// <param name="rejectedFile">The first of the table's rejected files; null for none.</param>
    public static string Cause(string marker, bool hasCome, string? rejectedFile) => (hasCome, rejectedFile) switch
    {
        (false, _) => $"{marker} did not come through the lake within a day: it was written at another source, or the task does not run; "
            + "look at the age of the newest marker.",
        (_, { } file) => "The table has rejected files, which may hold changes from before the marker: cure them "
            + $"({file} is the first) and resume the table.",
        _ => "For a day no marker came through the lake in time, so nobody knows what is still on its way: look at the task's latency.",
    };

    /// <summary>Looks at a marker.</summary>
    /// <param name="connection">The analytics database.</param>
    /// <param name="tableId">The table's number in the ledger.</param>
    /// <param name="marker">The marker's id.</param>
    /// <param name="sinceUtc">Since when it is waited for, by the clock of the analytics database.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public static Task<AwaitedMarker> ReadAsync(
        NpgsqlConnection connection, int tableId, Guid marker, DateTime sinceUtc, CancellationToken cancellationToken) =>
        connection.QueryAsync(
            $"""
            SELECT EXISTS (SELECT FROM cdc.markers m WHERE m.id = $2 AND {DueMarker.Condition}),
                EXISTS (SELECT FROM cdc.markers m WHERE m.id = $2 AND m.lake = t.lake),
                $3 < now() - interval '1 day', {FirstRejectedFile}
            FROM cdc.tables t WHERE t.id = $1
            """,
            row => new AwaitedMarker(
                row.GetBoolean(0), row.GetBoolean(1), row.GetBoolean(2), row.IsDBNull(3) ? null : row.GetString(3)),
            cancellationToken, tableId, marker, sinceUtc).SingleAsync(cancellationToken).AsTask();
}
