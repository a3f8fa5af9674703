using System.Numerics;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Merging;

/// <summary>A complete generation that is not swapped in yet.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Files">Its files; none when the table had no rows.</param>
/// <param name="Rows">Rows that they must have.</param>
internal sealed record WaitingGeneration(BigInteger Version, IReadOnlyList<LakeObject> Files, long Rows);

/// <summary>What is in the lake and not in the ledger.</summary>
/// <param name="Generation">A complete generation, if one waits.</param>
/// <param name="Loads">Full-load files.</param>
/// <param name="Changes">CDC files.</param>
/// <param name="Listing">What was looked at.</param>
internal sealed record WaitingFiles(
    WaitingGeneration? Generation, IReadOnlyList<LakeObject> Loads, IReadOnlyList<LakeObject> Changes, Listing Listing)
{
    // Date folders are commit dates: a change may be written into the folder of the day before, or of the day on which a stopped task
    // fell behind. Recent folders are enough while batches run; the rest is looked through daily and after every gap.
    private static readonly TimeSpan Lookback = TimeSpan.FromDays(2);
    private static readonly TimeSpan Gap = TimeSpan.FromDays(1);

    /// <summary>Lists a table's folder, or as much of it as can have new files.</summary>
    public static async Task<WaitingFiles> FindAsync(LakeReader lake, TableDefinition table, TableLedger ledger, TableRecord record, CancellationToken cancellationToken)
    {
        var listedUtc = DateTime.UtcNow;
        if (table.Feed is { } feed)
        {
            var fed = await lake.ListAsync(lake.Lake.Key(feed.Prefix), null, cancellationToken)
                .Where(found => found.Key.EndsWith(".parquet", StringComparison.Ordinal)).ToListAsync(cancellationToken);
            return new WaitingFiles(null, [], await ledger.Files.PendingAsync(fed, cancellationToken), new Listing(listedUtc, Whole: true));
        }

        var source = table.Source;
        var generation = await FindGenerationAsync(lake, source, ledger, record, cancellationToken);
        var prefix = lake.Lake.TablePrefix(source);
        var whole = record.SweptUtc is not { } swept || record.DrainedUtc is not { } drained || listedUtc - swept > Gap || listedUtc - drained > Gap;
        // Names of full-load files sort after those of date folders, so they are always listed.
        var startAfter = whole ? null : prefix + ChangeFileName.DateFolder(record.DrainedUtc!.Value - Lookback);
        var listed = await lake.ListAsync(prefix, startAfter, cancellationToken)
            .Where(found => ChangeFileName.IsLoad(found.Key) || ChangeFileName.IsCdc(found.Key)).ToListAsync(cancellationToken);
        var pending = (await ledger.Files.PendingAsync(listed, cancellationToken)).ToLookup(found => ChangeFileName.IsLoad(found.Key));
        return new WaitingFiles(generation, [.. pending[true]], [.. pending[false]], new Listing(listedUtc, whole));
    }

    /// <summary>The newest generation that is complete and not swapped in yet; the first (version 0) needs no swap.</summary>
    private static async Task<WaitingGeneration?> FindGenerationAsync(
        LakeReader lake, TableName source, TableLedger ledger, TableRecord record, CancellationToken cancellationToken)
    {
        // The keys end in versions of fixed width, so the last is the newest.
        var newest = await lake.ListAsync(lake.Lake.ManifestPrefix(source), null, cancellationToken).LastOrDefaultAsync(cancellationToken);
        if (newest is null || !ChangeVersion.TryParse(Path.GetFileNameWithoutExtension(newest.Key), out var version) || (BigInteger)version.Value <= record.Generation)
            return null;
        SnapshotManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(await lake.TextAsync(newest, cancellationToken), ContractJson.Default.SnapshotManifest)
                ?? throw new JsonException("it is null");
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(ErrorKind.BadData, $"The manifest {newest.Key} cannot be read: {fault.Message}", fault);
        }

        var listed = await lake.ListAsync(lake.Lake.TablePrefix(source), null, cancellationToken)
            .Where(found => ChangeFileName.IsLoad(found.Key)).ToDictionaryAsync(found => found.Key, cancellationToken: cancellationToken);
        List<LakeObject> files = [.. manifest.Objects.Select(wanted =>
            listed.TryGetValue(wanted.Key, out var found) && found.ETag == wanted.ETag
                ? found
                : throw new CdcDmsException(
                    ErrorKind.Conflict, $"The manifest {newest.Key} names {wanted.Key}, which is gone or was replaced; a newer snapshot must complete first."))];
        // With a file that cannot be read the generation is not complete; what else it has still fills gaps.
        return await ledger.Files.AnyRejectedAsync(files, cancellationToken) ? null : new WaitingGeneration(version.Value, files, manifest.Rows);
    }
}
