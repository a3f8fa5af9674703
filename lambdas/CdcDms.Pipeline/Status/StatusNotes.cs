using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;

namespace CdcDms.Pipeline.Status;

/// <summary>What somebody should know who reads the figures of a table, each a sentence.</summary>
internal static class StatusNotes
{
    /// <param name="table">The table.</param>
    /// <param name="lake">The lake.</param>
    /// <param name="analytics">The analytics database; null when it could not be read.</param>
    /// <param name="files">The table's files in the lake; null when it could not be listed.</param>
    /// <param name="unreadable">Those that cannot be read.</param>
    public static IEnumerable<string> Of(
        TableDefinition table,
        LakeUri lake,
        AnalyticsReader? analytics,
        IReadOnlyList<LakeObject>? files,
        IReadOnlyList<RejectedFile> unreadable)
    {
        if (analytics?.Record?.ParkedCause is { } cause)
            yield return $"{table.Target} is parked: {cause}";
        if (analytics is { Target: null })
            yield return $"{table.Target} does not exist yet: nothing was merged into it.";
        if (analytics?.Record?.Lake is { } other && other != lake.ToString())
            yield return $"{table.Target} was filled from {other}, and not from this lake.";
        if (unreadable.Count > 0)
            yield return $"{(unreadable.Count == 1 ? "1 file" : $"{unreadable.Count} files")} of {table.Source} in the lake cannot be "
                + $"read; of {unreadable[0].Object.Key}, {unreadable[0].Told}.";
        if (table.Feed is null && files is [])
            yield return $"{lake} has no file of {table.Source}: capture the table, or correct the lake.";
        if (table.Feed is null && files is [_, ..] && !files.Any(file => ChangeFileName.IsLoad(file.Key)))
            yield return $"The lake has no full load of {table.Source}: rows that have not changed since its first file are not in it.";
    }
}
