using CdcDms.Testing;

namespace CdcDms.Benchmarks.Memory;

/// <summary>A merge as it was measured in processes of its own, beside another one that was measured in turn.</summary>
internal sealed record MemoryMeasurement
{
    /// <summary>What stands above the lines.</summary>
    public static string Head =>
        $"{"work",-26}{"changes",10}{"batches",9}{"ms",9}{"peak MB (lowest–highest)",27}{"peak, by first",16}{"ms, by first",14}";

    /// <summary>The work.</summary>
    public required string Work { get; init; }

    /// <summary>Its changes.</summary>
    public required int Changes { get; init; }

    /// <summary>The batches that it took.</summary>
    public required int Batches { get; init; }

    /// <summary>What it took, in milliseconds, by a process that had merged nothing before.</summary>
    public required Spread Milliseconds { get; init; }

    /// <summary>The most memory that the process had, in megabytes.</summary>
    public required Spread PeakMegabytes { get; init; }

    /// <summary>That by the first work's, of each round.</summary>
    public required Spread PeakRatio { get; init; }

    /// <summary>The time by the first work's, of each round.</summary>
    public required Spread Ratio { get; init; }

    /// <summary>The measurement as a line for people.</summary>
    public string Line =>
        FormattableString.Invariant($"{Work,-26}{Changes,10}{Batches,9}{Milliseconds.Median,9:0}{PeakMegabytes.AsWholeNumbers,27}")
            + FormattableString.Invariant($"{PeakRatio.Median,16:0.00}{Ratio.Median,14:0.00}");

    /// <summary>Measures works in turn, each in processes of its own.</summary>
    public static async Task<IReadOnlyList<MemoryMeasurement>> TakeAsync(
        TestServers servers, IReadOnlyList<MergeWork> works, int rounds)
    {
        var taken = new List<(MergeWork Work, List<LoneMerge.Outcome> Outcomes)>();
        var prepared = new List<PreparedWork>();
        try
        {
            foreach (var work in works)
            {
                prepared.Add(await PreparedWork.CreateAsync(servers, work));
                taken.Add((work, []));
            }

            for (var round = 0; round < rounds; round++)
                foreach (var (place, (_, outcomes)) in taken.Index())
                    outcomes.Add(await MergeAsync(servers, prepared[place]));
        }
        finally
        {
            foreach (var work in prepared)
                await work.DisposeAsync();
        }

        return [.. taken.Select(work => Of(work.Work, work.Outcomes, taken[0].Outcomes))];
    }

    private static MemoryMeasurement Of(MergeWork work, List<LoneMerge.Outcome> outcomes, List<LoneMerge.Outcome> first) => new()
    {
        Work = work.Name,
        Changes = work.Changes,
        Batches = outcomes[0].Batches,
        Milliseconds = Spread.Of(outcomes.Select(outcome => outcome.Milliseconds)),
        PeakMegabytes = Spread.Of(outcomes.Select(outcome => outcome.PeakMegabytes)),
        PeakRatio = Spread.Of(outcomes.Zip(first, (outcome, least) => outcome.PeakMegabytes / least.PeakMegabytes)),
        Ratio = Spread.Of(outcomes.Zip(first, (outcome, least) => outcome.Milliseconds / least.Milliseconds)),
    };

    private static async Task<LoneMerge.Outcome> MergeAsync(TestServers servers, PreparedWork prepared)
    {
        await using var database = await prepared.DatabaseAsync();
        var outcome = await LoneMerge.Of(servers.S3Server, prepared.Lake.Lake, database.ConnectionString, prepared.Work.Table).RunAsync();
        return outcome.Changes == prepared.Work.Changes
            ? outcome
            : throw new InvalidOperationException($"Of {prepared.Work.Changes} changes {outcome.Changes} were merged.");
    }
}
