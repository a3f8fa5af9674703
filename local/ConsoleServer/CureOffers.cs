using CdcDms.Local.Views;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Status;

namespace CdcDms.Local.ConsoleServer;

/// <summary>What can be done about a table now, each with a sentence on what will happen.</summary>
internal static class CureOffers
{
    /// <param name="detail">The table.</param>
    /// <param name="hasDefinition">Whether the console knows the table's definition, and may read the source.</param>
    /// <param name="hasDms">Whether DMS can load it again.</param>
    public static IEnumerable<CureOffer> Of(TableDetail detail, bool hasDefinition, bool hasDms)
    {
        var table = detail.Target;
        if (detail.ParkedCause is { } cause)
            yield return new CureOffer(
                CureKind.Resume,
                $"The next merge goes on with {table}, which is unproven then until a full proof. It was parked because of this: {cause} "
                + "If that is not cured, the table parks again.");
        else if (detail.RejectedFiles > 0)
            yield return new CureOffer(
                CureKind.Resume,
                $"The next merge reads the {Screen.Count(detail.RejectedFiles, "rejected file")} of {table} again.");
        if (hasDefinition && detail.Different > 0)
            yield return new CureOffer(
                CureKind.Repair,
                $"The {Screen.Count(detail.Different, "row")} that the newest proof found different are read at the source, and made as "
                + $"they are there once a merge has passed that read: {Removal}");
        if (hasDefinition)
            yield return new CureOffer(
                CureKind.RepairAll,
                $"Every row of {table} is compared with the source, while others write; what differs is made as it is there: {Removal} "
                + "Both tables are read once as a whole.");
        if (hasDefinition && hasDms)
            yield return new CureOffer(
                CureKind.Reload,
                $"DMS reads the whole source table of {table} again; the files are merged, and what differs is then repaired. "
                + "Changes go on.");
        if (detail.Quarantine.Count > 0 && hasDefinition)
            yield return new CureOffer(
                CureKind.Retry, "The changes are applied in the order of their versions, as far as the target takes them now.");
        if (detail.Quarantine.Count > 0)
            yield return new CureOffer(
                CureKind.Drop,
                $"The change is closed, and never applied; it stays in the ledger. {table} is unproven then until a full proof.");
    }

    private static string Removal =>
        $"rows that are missing are inserted, others overwritten, and up to {new ProofRepair().MostRemoved} in each 10,000 removed.";
}
