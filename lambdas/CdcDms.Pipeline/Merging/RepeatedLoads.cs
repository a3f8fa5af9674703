using System.Globalization;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Merging;

/// <summary>
/// Tells full-load files that DMS has written when it loaded a table again from those of the first load, and parks the table: what changed
/// between two loads is in no file, so their rows would fill gaps and leave the rest wrong, without a word.
/// </summary>
/// <param name="lake">The lake.</param>
/// <param name="session">The table.</param>
/// <param name="record">The table's record in the ledger.</param>
internal sealed class RepeatedLoads(LakeReader lake, TargetSession session, TableRecord record)
{
    // DMS writes a table's changes when its load is complete (docs/dms-contract.md#redelivery). The margin is for clocks, and for what a
    // program that copies a lake writes in another order.
    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    // The name of a CDC file tells when it was made, in some time zone. An object that is much younger or older is a copy, and when a
    // copy was written says nothing.
    private static readonly TimeSpan ZonesApart = TimeSpan.FromHours(15);

    // Nothing but loads is in the lake, and the new one takes the place of the old.
    private const string MakeAnew =
        "When the load has ended, drop the target: the next merge makes it anew from the files as they are then (remove those that the new "
        + "load did not write)";

    private const string LoadAnew = "Load into a new lake prefix and a new target";

    /// <summary>Looks at the full-load files that wait.</summary>
    /// <param name="loads">The full-load files.</param>
    /// <param name="changes">The CDC files that wait.</param>
    /// <exception cref="CdcDmsException">One of them is of another load (<see cref="ErrorKind.Parked"/>).</exception>
    public async Task RefuseAsync(
        IReadOnlyList<LakeObject> loads, IReadOnlyList<LakeObject> changes, CancellationToken cancellationToken)
    {
        var unasked = loads.Where(load => record.LoadsAcceptedUtc is not { } accepted || load.ModifiedUtc > accepted).ToList();
        if (unasked.Count == 0)
            return;
        var first = await session.Ledger.Files.FirstChangeAsync(cancellationToken);
        first = changes.Append(first).OfType<LakeObject>().MinBy(change => change.ModifiedUtc);
        var namesakes = await session.Ledger.Files.NamesakesAsync(unasked, cancellationToken);
        var fault = unasked.Zip(namesakes, (load, namesake) => Fault(load, namesake, first)).FirstOrDefault(fault => fault is not null);
        if (fault is not null && !await AreCompletedByManifestsAsync(cancellationToken))
            throw new CdcDmsException(
                ErrorKind.Parked,
                $"{session.Table.Source} cannot be merged: {fault}. What changed between two loads is in no file, deletes above all, so "
                + $"rows would stay wrong. {(first is null ? MakeAnew : LoadAnew)}; or let the files fill gaps only (resume with "
                + "--accept-loads), and see what validate finds.");
    }

    private static string? Fault(LakeObject load, Namesake namesake, LakeObject? first) => namesake switch
    {
        Namesake.OtherBytes => $"the full-load file {load.Key} was merged, and has been written anew on {Text(load.ModifiedUtc)}",
        Namesake.None when first is not null && IsOriginal(first) && load.ModifiedUtc - first.ModifiedUtc > Margin =>
            $"the full-load file {load.Key} was written on {Text(load.ModifiedUtc)}, and the table's first changes ({first.Key}) on "
            + $"{Text(first.ModifiedUtc)}, so they belong to an earlier load",
        _ => null,
    };

    private static bool IsOriginal(LakeObject change) =>
        ChangeFileName.TimeOf(change.Key) is { } made && (change.ModifiedUtc - made).Duration() <= ZonesApart;

    private static string Text(DateTime utc) => utc.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Whether the lake is one of the local capture, which completes each load by a manifest.</summary>
    private async Task<bool> AreCompletedByManifestsAsync(CancellationToken cancellationToken)
    {
        foreach (var prefix in (string[])[lake.Lake.ManifestPrefix(session.Table.Source), lake.Lake.CheckpointKey()])
            if (await lake.ListAsync(prefix, startAfter: null, cancellationToken).AnyAsync(cancellationToken))
                return true;
        return false;
    }
}
