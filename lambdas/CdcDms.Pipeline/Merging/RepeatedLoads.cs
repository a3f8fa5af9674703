using System.Globalization;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Merging;

/// <summary>
/// Tells full-load files that DMS has written when it loaded a table again from those of the first load. What changed between two loads
/// is in no file, so their rows only fill gaps and leave the rest wrong. Of a table whose rows can be proven the next proof finds the
/// rest, and it is unproven until then; a table of which nothing can be proven parks.
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

    private const string Cure =
        "Its rows cannot be proven, so nothing would find them: load all rows again in a new generation (replication.generation), which "
        + "has a folder of its own; or let the files fill gaps only (resume with --accept-loads), and see what validate finds";

    /// <summary>Looks at the full-load files that wait.</summary>
    /// <param name="generations">The generations, in their order.</param>
    /// <returns>Those to merge: of an older generation, files of another load are left out, since the newer one has all rows.</returns>
    /// <exception cref="CdcDmsException">
    /// One of the newest load is of another load, and nothing of the table can be proven (<see cref="ErrorKind.Parked"/>).
    /// </exception>
    public async Task<IReadOnlyList<LakeObject>> LeaveOutOrRefuseAsync(
        IReadOnlyList<WaitingGeneration> generations, CancellationToken cancellationToken)
    {
        var (newest, merged) = (generations.LastOrDefault(generation => generation.HasLoads)?.Number, new List<LakeObject>());
        foreach (var generation in generations)
        {
            if (generation.Number == newest && session.Table.MayBeProven)
            {
                merged.AddRange(generation.Loads);
                continue;
            }

            var faults = await FaultsAsync(generation, cancellationToken);
            if (faults.Count > 0 && generation.Number == newest)
                throw new CdcDmsException(
                    ErrorKind.Parked,
                    $"{session.Table.Source} cannot be merged: {faults.Values.First()}. What changed between two loads is in no file, "
                    + $"deletes above all, so rows would stay wrong. {Cure}.");
            merged.AddRange(generation.Loads.Where(load => !faults.ContainsKey(load)));
        }

        return merged;
    }

    private async Task<Dictionary<LakeObject, string>> FaultsAsync(WaitingGeneration generation, CancellationToken cancellationToken)
    {
        var unasked = generation.Loads.Where(load => record.LoadsAcceptedUtc is not { } accepted || load.ModifiedUtc > accepted).ToList();
        if (unasked.Count == 0)
            return [];
        var folder = lake.Lake.TablePrefix(session.Table.Source, generation.Number);
        var merged = await session.Ledger.Files.FirstChangeAsync(folder, cancellationToken);
        var first = generation.Changes.Append(merged).OfType<LakeObject>().MinBy(change => change.ModifiedUtc);
        var namesakes = await session.Ledger.Files.NamesakesAsync(unasked, cancellationToken);
        var faults = new Dictionary<LakeObject, string>();
        foreach (var (load, namesake) in unasked.Zip(namesakes))
            if (Fault(load, namesake, first) is { } fault)
                faults.Add(load, fault);
        return faults;
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
}
