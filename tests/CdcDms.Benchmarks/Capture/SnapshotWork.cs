using System.Diagnostics;
using CdcDms.Local.Capture;

namespace CdcDms.Benchmarks.Capture;

/// <summary>
/// The snapshot of a table, from the first connection to the checkpoint from which the stream goes on. Its floor is a client that reads
/// COPY of the same rows, binary, and throws them away.
/// </summary>
internal sealed class SnapshotWork(CapturedSource source)
{
    private const string Copy = "COPY (SELECT id, name, price, ratio, at, n FROM things) TO STDOUT (FORMAT binary)";

    /// <summary>Reads the rows and nothing else.</summary>
    public async Task<TimeSpan> CopyAsync()
    {
        await using var connection = await source.Database.OpenAsync();
        var thrownAway = new byte[1 << 18];
        return await Elapsed.OfAsync(async () =>
        {
            await using var copy = await connection.BeginRawBinaryCopyAsync(Copy);
            while (await copy.ReadAsync(thrownAway, CancellationToken.None) > 0)
            {
            }
        });
    }

    /// <summary>Captures into a lake of its own.</summary>
    public async Task<TimeSpan> CaptureAsync()
    {
        var streams = new StreamBegins();
        var options = source.Options(await source.CreateLakeAsync()) with { Progress = streams };
        CaptureTotals? totals = null;
        var began = Stopwatch.GetTimestamp();
        await Elapsed.OfAsync(async () => totals = await CaptureJob.RunAsync(options, CancellationToken.None));
        await source.Database.ExecuteAsync(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()");
        var publication = await source.Database.ScalarAsync<string>("SELECT pubname::text FROM pg_publication");
        await source.Database.ExecuteAsync($"DROP PUBLICATION {publication}");
        return totals!.SnapshotRows >= source.Rows
            ? Stopwatch.GetElapsedTime(began, streams.At)
            : throw new InvalidOperationException($"The snapshot is not complete: {totals}.");
    }

    private sealed class StreamBegins : IProgress<CaptureProgress>
    {
        public long At { get; private set; }

        public void Report(CaptureProgress value)
        {
            if (At == 0 && value.Phase == CapturePhase.Stream)
                At = Stopwatch.GetTimestamp();
        }
    }
}
