using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>
/// Tells when the source sends nothing because a standby lacks it (<c>synchronized_standby_slots</c>, PostgreSQL 17 and later). Such a wait
/// has no limit, and may be for a standby that was given up.
/// </summary>
internal sealed class StandbyWait(CaptureRun run, Slot slot, NpgsqlConnection catalog)
{
    private const string Find =
        """
        SELECT EXISTS (
          SELECT FROM pg_replication_slots s JOIN pg_stat_activity a ON a.pid = s.active_pid
          WHERE s.slot_name = $1 AND a.wait_event = 'WaitForStandbyConfirmation'),
          current_setting('synchronized_standby_slots', true)
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private long _looked = run.Options.Clock.GetTimestamp();
    private int _inARow;

    /// <summary>Looks every two seconds. A standby is always a moment behind, so the second look in a row tells.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (run.Options.Clock.GetElapsedTime(_looked) < Pause)
            return;
        _looked = run.Options.Clock.GetTimestamp();
        var (waits, standbys) = await catalog.SingleAsync(
            Find, row => (row.GetBoolean(0), row.IsDBNull(1) ? "" : row.GetString(1)), cancellationToken, slot.Name);
        _inARow = waits ? _inARow + 1 : 0;
        if (_inARow == 2)
            run.Report(
                $"No change comes, since {run.Source.Name} waits for a standby (synchronized_standby_slots = {standbys}), which is away or "
                + "lags behind. The capture goes on when it has caught up; take one that does not come back off that list.");
    }
}
