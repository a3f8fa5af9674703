using System.Diagnostics;
using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Merging;
using CdcDms.Testing;

namespace CdcDms.Benchmarks;

/// <summary>A work as it was measured.</summary>
internal sealed record MergeMeasurement
{
    /// <summary>The work.</summary>
    public required string Work { get; init; }

    /// <summary>From the objects in S3 to the committed transaction, in milliseconds.</summary>
    public required Spread MergeMilliseconds { get; init; }

    /// <summary>What PostgreSQL alone needs in one session (<see cref="EncodedChanges"/>), in milliseconds.</summary>
    public required Spread FloorMilliseconds { get; init; }

    /// <summary>The first by the second, of each round.</summary>
    public required Spread Ratio { get; init; }

    /// <summary>The first less the second, of each round, in milliseconds.</summary>
    public required Spread AboveFloorMilliseconds { get; init; }

    /// <summary>Messages to PostgreSQL that the merge waited for, but for BEGIN, COMMIT and COPY.</summary>
    public required int RoundTrips { get; init; }

    /// <summary>Medians of the phases.</summary>
    public required MergePhases Phases { get; init; }

    /// <summary>Measures a work and its floor in turn, after one round that does not count.</summary>
    public static async Task<MergeMeasurement> TakeAsync(TestServers servers, MergeWork work, int rounds)
    {
        await using var prepared = await PreparedWork.CreateAsync(servers, work);
        var floor = await EncodedChanges.OfAsync(prepared);
        await floor.MergeAsync();
        await MergeAsync(prepared);
        var roundTrips = await RoundTripsAsync(prepared);
        var (merges, floors, phases) = (new List<double>(), new List<double>(), new List<MergePhases>());
        for (var round = 0; round < rounds; round++)
        {
            // Whatever one leaves behind for the other, each comes first as often.
            if (round % 2 == 0)
                floors.Add((await floor.MergeAsync()).TotalMilliseconds);
            var (elapsed, spent) = await MergeAsync(prepared);
            merges.Add(elapsed.TotalMilliseconds);
            phases.Add(spent);
            if (round % 2 == 1)
                floors.Add((await floor.MergeAsync()).TotalMilliseconds);
        }

        return new MergeMeasurement
        {
            Work = work.Name,
            MergeMilliseconds = Spread.Of(merges),
            FloorMilliseconds = Spread.Of(floors),
            Ratio = Spread.Of(merges.Zip(floors, (merge, least) => merge / least)),
            AboveFloorMilliseconds = Spread.Of(merges.Zip(floors, (merge, least) => merge - least)),
            RoundTrips = roundTrips,
            Phases = MedianPhases.Of(phases),
        };
    }

    private static async Task<(TimeSpan Elapsed, MergePhases Phases)> MergeAsync(PreparedWork prepared)
    {
        await using var database = await prepared.DatabaseAsync();
        return await prepared.MergeAsync(database);
    }

    private static async Task<int> RoundTripsAsync(PreparedWork prepared)
    {
        var heard = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => Interlocked.Add(ref heard, activity.GetTagItem("db.query.text") is null ? 0 : 1),
        };
        await using var database = await prepared.DatabaseAsync();
        ActivitySource.AddActivityListener(listener);
        await new MergeJob(prepared.Lake, database.ConnectionString)
            .RunAsync(prepared.Work.Table, BatchLimits.Default, CancellationToken.None);
        return heard;
    }
}
