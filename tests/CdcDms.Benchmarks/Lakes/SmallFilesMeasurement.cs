using System.Diagnostics;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Merging;
using CdcDms.Testing;

namespace CdcDms.Benchmarks.Lakes;

/// <summary>Thousands of small files that wait, merged batch by batch until none does.</summary>
internal sealed record SmallFilesMeasurement
{
    private const int RowsOfFile = 5;
    private const int Contents = 400;
    private const int ParallelPuts = 32;

    /// <summary>The files.</summary>
    public required int Files { get; init; }

    /// <summary>Batches that it took.</summary>
    public required int Batches { get; init; }

    /// <summary>From the first batch to the end of the last, in seconds.</summary>
    public required Spread Seconds { get; init; }

    /// <summary>Of that, for fetching the files, in seconds.</summary>
    public required Spread FetchSeconds { get; init; }

    /// <summary>The longest batch of all rounds, in seconds.</summary>
    public required double LongestBatchSeconds { get; init; }

    /// <summary>Files by the seconds that were not for fetching.</summary>
    public required Spread FilesPerSecondBesideFetch { get; init; }

    /// <summary>Medians of the phases, of all batches together.</summary>
    public required MergePhases Phases { get; init; }

    /// <summary>The measurement as a line for people.</summary>
    public string Line => FormattableString.Invariant(
        $"small files: {Files} in {Batches} batches, {Seconds.Median:0.0} s, of which {FetchSeconds.Median:0.0} s fetch; ")
        + FormattableString.Invariant($"beside the fetch {FilesPerSecondBesideFetch.Median:0} files/s ")
        + FormattableString.Invariant($"({FilesPerSecondBesideFetch.Lowest:0}–{FilesPerSecondBesideFetch.Highest:0}); ")
        + FormattableString.Invariant($"longest batch {LongestBatchSeconds:0.0} s; list {Phases.ListSeconds:0.0}, ")
        + FormattableString.Invariant($"reduce {Phases.ReduceSeconds:0.0}, copy {Phases.CopySeconds:0.0}, ")
        + FormattableString.Invariant($"merge {Phases.MergeSeconds:0.0} s");

    private static readonly TableDefinition Table = new MergeWork("small files", 1, 1, 0).Table;

    /// <summary>Puts the files, and merges them in each round into an empty database.</summary>
    public static async Task<SmallFilesMeasurement> TakeAsync(TestServers servers, int files, int rounds)
    {
        using var lake = await TestLake.CreateAsync(servers);
        await PutAsync(lake, files);
        var measured = new List<MergedRound>();
        for (var round = 0; round < rounds; round++)
        {
            await using var database = await servers.CreateDatabaseAsync();
            measured.Add(await MergeAsync(lake, database, files));
        }

        static double Fetch(MergedRound round) =>
            round.Batches.Sum(batch => batch.Phases.FetchSeconds);

        return new SmallFilesMeasurement
        {
            Files = files,
            Batches = measured[0].Batches.Count,
            Seconds = Spread.Of(measured.Select(round => round.Seconds)),
            FetchSeconds = Spread.Of(measured.Select(Fetch)),
            LongestBatchSeconds = measured.Max(round => round.Batches.Max(batch => batch.Seconds)),
            FilesPerSecondBesideFetch = Spread.Of(measured.Select(round => files / (round.Seconds - Fetch(round)))),
            Phases = MedianPhases.Of(
                [.. measured.Select(round => round.Batches.Aggregate(new MergePhases(), (sum, batch) => sum + batch.Phases))]),
        };
    }

    // Some different files under as many names: to write each would take longer than to merge them.
    private static async Task PutAsync(TestLake lake, int files)
    {
        var work = new MergeWork("small files", Contents * RowsOfFile, Contents * RowsOfFile, 0) { Files = Contents, NewPercent = 100 };
        var contents = new List<byte[]>();
        for (var content = 0; content < Contents; content++)
            contents.Add(await lake.BytesAsync(await lake.PutAsync(
                lake.Uri.Key($"contents/{content}.parquet"),
                "SELECT op AS \"Op\", '2026-01-02 03:04:05.678901' AS cdc_timestamp, * EXCLUDE (op, v), "
                + $"lpad(v::VARCHAR, 35, '0') AS cdc_change_seq FROM ({work.ChangesSql(content)})")));
        var today = DateTime.UtcNow.Date;
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelPuts };
        await Parallel.ForEachAsync(Enumerable.Range(0, files), options, async (file, _) =>
        {
            var made = today.AddMilliseconds(file);
            await lake.PutBytesAsync(lake.CdcKey(Table, made, made), contents[file % Contents]);
        });
    }

    private static async Task<MergedRound> MergeAsync(
        TestLake lake, TestDatabase database, int files)
    {
        var job = new MergeJob(lake.Reader, database.ConnectionString);
        var (batches, merged) = (new List<MergedBatch>(), 0);
        MergeOutput? output = null;
        var began = Stopwatch.GetTimestamp();
        do
        {
            var elapsed = await Elapsed.OfAsync(async () =>
                output = await job.RunAsync(Table, BatchLimits.Default, CancellationToken.None));
            batches.Add(new MergedBatch(elapsed.TotalSeconds, output!.Phases));
            merged += output.Files;
        }
        while (output.More);
        return merged == files
            ? new MergedRound(Stopwatch.GetElapsedTime(began).TotalSeconds, batches)
            : throw new InvalidOperationException($"Of {files} small files {merged} were merged.");
    }

    private sealed record MergedBatch(double Seconds, MergePhases Phases);

    private sealed record MergedRound(double Seconds, IReadOnlyList<MergedBatch> Batches);
}
