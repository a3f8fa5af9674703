using CdcDms.Contract.Lake;

namespace CdcDms.Pipeline.Merging;

/// <summary>What a listing shows of one generation of a table.</summary>
/// <param name="Number">The generation.</param>
/// <param name="Listed">The files, as far as they were listed.</param>
/// <param name="Pending">Those that are not in the ledger.</param>
/// <param name="NewestFolder">The newest date folder so far; null when there is none, or one that does not sort by date.</param>
internal sealed record WaitingGeneration(
    int Number, IReadOnlyList<LakeObject> Listed, IReadOnlyList<LakeObject> Pending, string? NewestFolder)
{
    /// <summary>Whether it has full-load files, merged or not.</summary>
    public bool HasLoads => Listed.Any(file => ChangeFileName.IsLoad(file.Key));

    /// <summary>Full-load files that wait.</summary>
    public IEnumerable<LakeObject> Loads => Pending.Where(file => ChangeFileName.IsLoad(file.Key));

    /// <summary>CDC files that wait.</summary>
    public IEnumerable<LakeObject> Changes => Pending.Where(file => !ChangeFileName.IsLoad(file.Key));
}
