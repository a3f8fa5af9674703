using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Status;

/// <summary>The files of a table from which a merge into an empty target would make its rows.</summary>
internal static class LakeFiles
{
    /// <summary>
    /// The files of the newest generation whose full load is known to be complete, and of later ones; of all generations where none is.
    /// </summary>
    /// <exception cref="CdcDmsException">The lake cannot be read.</exception>
    public static async Task<IReadOnlyList<LakeObject>> ListAsync(
        LakeReader lake, TableDefinition table, CancellationToken cancellationToken)
    {
        if (table.Feed is { } feed)
            return await FilesAsync(lake, lake.Lake.Key(feed.Prefix), DataFileName.IsData, cancellationToken);
        var complete = await lake.NewestManifestAsync(table.Source, cancellationToken);
        var files = new List<LakeObject>();
        await foreach (var generation in lake.GenerationsAsync(cancellationToken))
            if (generation >= complete)
                files.AddRange(await FilesAsync(
                    lake, lake.Lake.TablePrefix(table.Source, generation), ChangeFileName.IsOfDms, cancellationToken));
        return files;
    }

    /// <summary>
    /// The files that may wait for a merge: those of generations that are not outdated, in the folders where files can be new. Older
    /// folders are looked through by merges, once a day.
    /// </summary>
    /// <param name="record">What the ledger knows of the table; null before the first merge.</param>
    /// <param name="nowUtc">When they are listed.</param>
    /// <exception cref="CdcDmsException">The lake cannot be read.</exception>
    public static async Task<IReadOnlyList<LakeObject>> ThatMayWaitAsync(
        LakeReader lake, TableDefinition table, TableRecord? record, DateTime nowUtc, CancellationToken cancellationToken)
    {
        if (record is null || table.Feed is not null)
            return await ListAsync(lake, table, cancellationToken);
        var oldest = Math.Max(record.FloorGeneration, await lake.NewestManifestAsync(table.Source, cancellationToken));
        var tomorrow = DateOnly.FromDateTime(nowUtc).AddDays(1);
        var files = new List<LakeObject>();
        await foreach (var generation in lake.GenerationsAsync(cancellationToken))
            if (generation >= oldest)
            {
                var recent = record.Generations.GetValueOrDefault(generation) is { } newest
                    ? DateFolder.Of(newest)?.NotAfter(tomorrow).Recent.ToString()
                    : null;
                files.AddRange(await FilesAsync(
                    lake, lake.Lake.TablePrefix(table.Source, generation), ChangeFileName.IsOfDms, cancellationToken, recent));
            }

        return files;
    }

    private static async Task<List<LakeObject>> FilesAsync(
        LakeReader lake, string folder, Func<string, bool> isData, CancellationToken cancellationToken, string? startAfter = null) =>
        await lake.ListAsync(folder, startAfter is null ? null : folder + startAfter, cancellationToken)
            .Where(found => found.Bytes > 0 && isData(found.Key[folder.Length..])).ToListAsync(cancellationToken);
}
