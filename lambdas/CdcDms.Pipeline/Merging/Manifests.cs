using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Merging;

/// <summary>
/// A table's manifests: each says that the full load of one generation is complete. The local capture writes them, DMS does not.
/// </summary>
/// <param name="lake">The lake.</param>
/// <param name="session">The table.</param>
/// <param name="record">The table's record in the ledger.</param>
internal sealed class Manifests(LakeReader lake, TargetSession session, TableRecord record)
{
    /// <summary>A complete generation, if it still has to take the place of older ones that the target may hold; else null.</summary>
    /// <param name="generation">The newest generation that has a manifest; 0 for none.</param>
    /// <exception cref="CdcDmsException">
    /// The manifest cannot be read, or names a file that was gone or replaced before it was merged.
    /// </exception>
    public async Task<CompleteGeneration?> ToReplaceOlderAsync(int generation, CancellationToken cancellationToken)
    {
        if (generation <= record.FloorGeneration || !record.Generations.Keys.Any(older => older > 0 && older < generation))
            return null;
        var key = lake.Lake.ManifestKey(session.Table.Source, generation);
        var load = (await ReadAsync(key, cancellationToken)).Objects;
        var waiting = await session.Ledger.Files.UnmergedAsync(load, cancellationToken);
        foreach (var wanted in waiting)
            if (!await lake.ListAsync(wanted.Key, startAfter: null, cancellationToken)
                .AnyAsync(found => found.Key == wanted.Key && found.ETag == wanted.ETag, cancellationToken))
                throw new CdcDmsException(
                    ErrorKind.Conflict,
                    $"The manifest {key} names {wanted.Key}, which was not merged and is gone or was replaced; a newer snapshot must "
                    + "complete first.");
        return new CompleteGeneration(generation, load, IsMerged: waiting.Count == 0);
    }

    private async Task<SnapshotManifest> ReadAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var found = await lake.ListAsync(key, startAfter: null, cancellationToken).FirstAsync(cancellationToken);
            return JsonSerializer.Deserialize(await lake.TextAsync(found, cancellationToken), ContractJson.Default.SnapshotManifest)
                ?? throw new JsonException("it is null");
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(ErrorKind.BadData, $"The manifest {key} cannot be read: {fault.Message}", fault);
        }
    }
}
