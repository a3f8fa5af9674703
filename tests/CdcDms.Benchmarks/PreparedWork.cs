using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Targets;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Benchmarks;

/// <summary>
/// A work whose changes lie in a lake, with a database that has the rows of before and of which each measurement gets a copy.
/// </summary>
internal sealed class PreparedWork : IAsyncDisposable
{
    private readonly TestLake _lake;
    private readonly TestDatabase _before;

    private PreparedWork(MergeWork work, TestLake lake, TestDatabase before) => (Work, _lake, _before) = (work, lake, before);

    /// <summary>The work.</summary>
    public MergeWork Work { get; }

    /// <summary>The lake.</summary>
    public LakeReader Lake => _lake.Reader;

    /// <summary>Fills the target as it is before, and then puts the changes into the lake.</summary>
    public static async Task<PreparedWork> CreateAsync(TestServers servers, MergeWork work)
    {
        var lake = await TestLake.CreateAsync(servers);
        var before = await servers.CreateDatabaseAsync();
        if (work.Rows > 0)
        {
            await lake.LoadAsync(work.Table, 1, work.RowsSql);
            await new MergeJob(lake.Reader, before.ConnectionString).RunAsync(work.Table, BatchLimits.Default, CancellationToken.None);
        }

        await WarmAsync(before, work);
        await before.ExecuteAsync("VACUUM ANALYZE");
        for (var file = 0; file < work.Files; file++)
            await (work.IsLoad
                ? lake.LoadAsync(work.Table, file + 1, work.ChangesSql(file))
                : lake.CdcAsync(work.Table, work.ChangesSql(file)));
        return new PreparedWork(work, lake, before);
    }

    /// <summary>The files of the changes.</summary>
    public ValueTask<List<LakeObject>> ChangeFilesAsync() =>
        Lake.ListAsync(Lake.Lake.TablePrefix(Work.Table.Source, _lake.Generation), null, CancellationToken.None)
            .Where(file => ChangeFileName.IsLoad(file.Key) == Work.IsLoad).ToListAsync();

    /// <summary>
    /// A database as it was before, with an open connection in the pool: what a function finds that has merged before. The server has
    /// written everything to its disk.
    /// </summary>
    public async Task<TestDatabase> DatabaseAsync()
    {
        NpgsqlConnection.ClearAllPools();
        var database = await _before.CopyAsync();
        await WarmAsync(database, Work);
        await database.ExecuteAsync("CHECKPOINT");
        return database;
    }

    /// <summary>Merges the changes, which are one batch, into a database that <see cref="DatabaseAsync"/> gave.</summary>
    public async Task<(TimeSpan Elapsed, MergePhases Phases)> MergeAsync(TestDatabase database)
    {
        MergeOutput? output = null;
        var elapsed = await Elapsed.OfAsync(async () => output = await new MergeJob(Lake, database.ConnectionString)
            .RunAsync(Work.Table, BatchLimits.Default, CancellationToken.None));
        return output is { More: false, Rows: var rows } && rows.Read == Work.Changes
            ? (elapsed, output.Phases)
            : throw new InvalidOperationException($"The work {Work.Name} was not merged in one batch: {output?.Rows}.");
    }

    public async ValueTask DisposeAsync()
    {
        _lake.Dispose();
        await _before.DisposeAsync();
    }

    private static async Task WarmAsync(TestDatabase database, MergeWork work) =>
        await (await TargetSession.OpenAsync(database.ConnectionString, work.Table, CancellationToken.None)).DisposeAsync();
}
