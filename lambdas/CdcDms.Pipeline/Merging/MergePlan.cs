using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Contract.Versions;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;
using System.Text.Json;

namespace CdcDms.Pipeline.Merging;

/// <summary>The next batch of one table: which files, as what.</summary>
/// <param name="Kind">What the files hold.</param>
/// <param name="Files">The files; none when nothing waits.</param>
/// <param name="ManifestRows">Rows that a complete generation must have, else null.</param>
/// <param name="More">Whether more files wait behind these.</param>
/// <param name="ListedUtc">When the listing began.</param>
/// <param name="Whole">Whether it saw the whole lake, not only recent folders.</param>
internal sealed record MergePlan(ChangeKind Kind, IReadOnlyList<LakeObject> Files, long? ManifestRows, bool More, DateTime ListedUtc, bool Whole)
{
    // Date folders are commit dates: a change may be written into the folder of the day before, or of the day on which a stopped task
    // fell behind. Recent folders are enough while batches run; the rest is looked through daily and after every gap.
    private static readonly TimeSpan Lookback = TimeSpan.FromDays(2);
    private static readonly TimeSpan Gap = TimeSpan.FromDays(1);

    /// <summary>Lists what is new and chooses the next batch from it: a complete generation first, then full-load files, then CDC files.</summary>
    public static async Task<MergePlan> MakeAsync(
        LakeReader lake, TableName source, TableLedger ledger, long batchBytes, CancellationToken cancellation)
    {
        var listedUtc = DateTime.UtcNow;
        var record = await ledger.ReadAsync(cancellation);
        if (await CompleteGenerationAsync(lake, source, record, cancellation) is var (kind, files, rows))
            return new MergePlan(kind, files, rows, More: true, listedUtc, Whole: false);

        var prefix = lake.Lake.TablePrefix(source);
        var whole = record.SweptUtc is not { } swept || record.DrainedUtc is not { } drained || listedUtc - swept > Gap || listedUtc - drained > Gap;
        // Names of full-load files sort after those of date folders, so they are always listed.
        var startAfter = whole ? null : prefix + ChangeFileName.DateFolder(record.DrainedUtc!.Value - Lookback);
        var listed = await lake.ListAsync(prefix, startAfter, cancellation)
            .Where(found => ChangeFileName.IsLoad(found.Key) || ChangeFileName.IsCdc(found.Key)).ToListAsync(cancellation);
        var pending = await ledger.PendingAsync(listed, cancellation);

        var loads = pending.Where(found => ChangeFileName.IsLoad(found.Key)).ToList();
        var batch = Bounded(loads.Count > 0 ? loads : pending, batchBytes);
        return new MergePlan(
            loads.Count > 0 ? new ChangeKind.Snapshot() : new ChangeKind.Stream(), batch, null, batch.Count < pending.Count, listedUtc, whole);
    }

    private static List<LakeObject> Bounded(List<LakeObject> files, long batchBytes)
    {
        var left = batchBytes;
        return [.. files.TakeWhile((file, index) => (left -= file.Bytes) >= 0 || index == 0)];
    }

    /// <summary>The newest generation that is complete and not swapped in yet; the first (version 0) needs no swap.</summary>
    private static async Task<(ChangeKind Kind, IReadOnlyList<LakeObject> Files, long Rows)?> CompleteGenerationAsync(
        LakeReader lake, TableName source, TableRecord record, CancellationToken cancellation)
    {
        // The keys end in versions of fixed width, so the last is the newest.
        var newest = await lake.ListAsync(lake.Lake.ManifestPrefix(source), null, cancellation).LastOrDefaultAsync(cancellation);
        if (newest is null || !ChangeVersion.TryParse(Path.GetFileNameWithoutExtension(newest.Key), out var version) || version.Value <= (Int128)record.Generation)
            return null;
        SnapshotManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(await lake.TextAsync(newest, cancellation), ContractJson.Default.SnapshotManifest)
                ?? throw new JsonException("it is null");
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(ErrorKind.BadData, $"The manifest {newest.Key} cannot be read: {fault.Message}", fault);
        }

        var listed = await lake.ListAsync(lake.Lake.TablePrefix(source), null, cancellation)
            .Where(found => ChangeFileName.IsLoad(found.Key)).ToDictionaryAsync(found => found.Key, cancellationToken: cancellation);
        var files = manifest.Objects.Select(wanted =>
            listed.TryGetValue(wanted.Key, out var found) && found.ETag == wanted.ETag
                ? found
                : throw new CdcDmsException(
                    ErrorKind.Conflict, $"The manifest {newest.Key} names {wanted.Key}, which is gone or was replaced; a newer snapshot must complete first.")).ToList();
        return (new ChangeKind.Generation((System.Numerics.BigInteger)version.Value), files, manifest.Rows);
    }
}
