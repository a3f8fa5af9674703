using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Markers;

/// <summary>Looks for the newest marker in a lake, whether it was merged or not.</summary>
/// <param name="lake">The lake.</param>
/// <param name="time">Tells today's date, from which on folders are looked through at first.</param>
internal sealed class LakeMarkers(LakeReader lake, TimeProvider time)
{
    private const int MemoryMegabytes = 64;
    private const int LookbackDays = 2;

    /// <summary>The newest marker of the newest generation that has any; null without one.</summary>
    /// <exception cref="CdcDmsException">The lake cannot be read.</exception>
    public async Task<MarkerPoint?> NewestAsync(CancellationToken cancellationToken)
    {
        var generations = await lake.GenerationsAsync(cancellationToken).ToListAsync(cancellationToken);
        foreach (var generation in generations.OrderDescending())
            if (await NewestAsync(generation, cancellationToken) is { } newest)
                return newest;
        return null;
    }

    private async Task<MarkerPoint?> NewestAsync(int generation, CancellationToken cancellationToken)
    {
        var recent = ChangeFileName.DateFolder(time.GetUtcNow().UtcDateTime.AddDays(-LookbackDays));
        return await NewestAsync(generation, recent, cancellationToken) ?? await NewestAsync(generation, from: null, cancellationToken);
    }

    private async Task<MarkerPoint?> NewestAsync(int generation, string? from, CancellationToken cancellationToken)
    {
        var prefix = lake.Lake.TablePrefix(MarkerTable.Name, generation);
        var files = await lake.ListAsync(prefix, from is null ? null : prefix + from, cancellationToken)
            .Where(found => found.Bytes > 0 && ChangeFileName.IsCdc(found.Key)).ToListAsync(cancellationToken);
        using var workspace = new ChangeWorkspace(MemoryMegabytes);
        // A file may hold nothing but markers that were removed, or be one that nobody can read.
        foreach (var file in files.OrderByDescending(found => ChangeFileName.TimeOf(found.Key)))
            if (await NewestAsync(workspace, file, generation, cancellationToken) is { } newest)
                return newest;
        return null;
    }

    private async Task<MarkerPoint?> NewestAsync(
        ChangeWorkspace workspace, LakeObject file, int generation, CancellationToken cancellationToken)
    {
        var fetched = await workspace.FetchAsync(lake, [file], cancellationToken);
        try
        {
            var newest = MarkerFiles.Read(workspace.Connection, fetched[0], generation).MaxBy(marker => marker.Number);
            return newest is null ? null : new MarkerPoint(newest.Number, newest.CommittedUtc);
        }
        catch (DuckDbException fault) when (!FetchedFile.IsExhaustion(fault))
        {
            return null;
        }
        finally
        {
            FetchedFile.Remove(fetched);
        }
    }
}
