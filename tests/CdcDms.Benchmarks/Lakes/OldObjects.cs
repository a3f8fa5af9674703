using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Targets;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Benchmarks.Lakes;

/// <summary>A lake of a year, whose objects are all merged, and 100 changes that wait in it.</summary>
internal sealed class OldObjects : IAsyncDisposable
{
    private const int Changes = 100;
    private const int Days = 365;
    private const int ParallelPuts = 32;
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly MergeWork Work = new("old objects", Changes, Changes, 10_000) { Files = 1 };

    private readonly TestLake _lake;
    private readonly TestDatabase _before;

    private OldObjects(TestLake lake, TestDatabase before) => (_lake, _before) = (lake, before);

    /// <summary>
    /// Measures the changes in a lake of many old objects beside the same in one of few: shortly after the whole lake was listed, and more
    /// than a day after, when it is listed whole again.
    /// </summary>
    public static async Task<IReadOnlyList<PairMeasurement>> CompareAsync(TestServers servers, int few, int many, int rounds)
    {
        await using var young = await CreateAsync(servers, few);
        await using var old = await CreateAsync(servers, many);
        var measured = new List<PairMeasurement>();
        foreach (var (name, later) in ((string, TimeSpan)[])
            [("old objects", TimeSpan.Zero), ("old objects, daily listing", TimeSpan.FromDays(1.5))])
            measured.Add(await PairMeasurement.TakeAsync(
                name, Changes, rounds, () => young.MergeAsync(later), () => old.MergeAsync(later)));
        return measured;
    }

    public async ValueTask DisposeAsync()
    {
        _lake.Dispose();
        await _before.DisposeAsync();
    }

    private static async Task<OldObjects> CreateAsync(TestServers servers, int objects)
    {
        var lake = await TestLake.CreateAsync(servers);
        var before = await servers.CreateDatabaseAsync();
        var job = new MergeJob(lake.Reader, before.ConnectionString);
        await lake.LoadAsync(Work.Table, 1, Work.RowsSql);
        await job.RunAsync(Work.Table, BatchLimits.Default, Never);
        await PutOldAsync(lake, objects);
        await RecordOldAsync(lake, before, objects);
        // Finds that nothing waits, and notes up to where the lake was listed.
        await job.RunAsync(Work.Table, BatchLimits.Default, Never);
        await lake.CdcAsync(Work.Table, Work.ChangesSql(0));
        await before.ExecuteAsync("VACUUM ANALYZE");
        return new OldObjects(lake, before);
    }

    // One file's bytes under as many names, as many a day.
    private static async Task PutOldAsync(TestLake lake, int objects)
    {
        var bytes = await lake.BytesAsync(await lake.PutAsync(
            lake.Uri.Key("contents.parquet"),
            $"SELECT 'U' AS \"Op\", '2026-01-02 03:04:05.678901' AS cdc_timestamp, *, "
            + $"'{TestLake.Sequence(1)}' AS cdc_change_seq FROM ({Work.RowsSql} LIMIT 1)"));
        var first = DateTime.UtcNow.Date.AddDays(-Days);
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelPuts };
        await Parallel.ForEachAsync(Enumerable.Range(0, objects), options, async (number, _) =>
        {
            var made = first.AddDays((double)Days * number / objects);
            await lake.PutBytesAsync(lake.CdcKey(Work.Table, made, made), bytes);
        });
    }

    // Merging each would take minutes, and tell nothing.
    private static async Task RecordOldAsync(TestLake lake, TestDatabase database, int objects)
    {
        var old = await lake.Reader.ListAsync(lake.Uri.TablePrefix(Work.Table.Source, lake.Generation), null, Never)
            .Where(found => ChangeFileName.IsCdc(found.Key)).ToListAsync();
        if (old.Count != objects)
            throw new InvalidOperationException($"Of {objects} names only {old.Count} are different.");
        await using var session = await TargetSession.OpenAsync(database.ConnectionString, Work.Table, Never);
        await session.Ledger.Files.RecordAsync(old, new RowCounts(), removed: 0, course: null, Never);
        // As autovacuum has done long ago in a ledger that grew for a year.
        await database.ExecuteAsync("ANALYZE cdc.files");
    }

    private async Task<TimeSpan> MergeAsync(TimeSpan later)
    {
        NpgsqlConnection.ClearAllPools();
        await using var database = await _before.CopyAsync();
        await (await TargetSession.OpenAsync(database.ConnectionString, Work.Table, Never)).DisposeAsync();
        await database.ExecuteAsync("CHECKPOINT");
        MergeOutput? output = null;
        var elapsed = await Elapsed.OfAsync(async () =>
            output = await new MergeJob(_lake.Reader, database.ConnectionString, time: new LaterClock(later))
                .RunAsync(Work.Table, BatchLimits.Default, Never));
        return output is { More: false, Files: 1, Rows.Read: Changes }
            ? elapsed
            : throw new InvalidOperationException($"The changes were not merged alone: {output?.Files} files, {output?.Rows}.");
    }

    private sealed class LaterClock(TimeSpan later) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + later;
    }
}
