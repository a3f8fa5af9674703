using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Lake;

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

    private static async Task<List<LakeObject>> FilesAsync(
        LakeReader lake, string folder, Func<string, bool> isData, CancellationToken cancellationToken) =>
        await lake.ListAsync(folder, startAfter: null, cancellationToken)
            .Where(found => found.Bytes > 0 && isData(found.Key[folder.Length..])).ToListAsync(cancellationToken);
}
