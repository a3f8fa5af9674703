using System.Numerics;

namespace CdcDms.Pipeline.Changes;

/// <summary>What the rows of a batch are, and so where their version comes from.</summary>
internal abstract record ChangeKind
{
    private ChangeKind()
    {
    }

    /// <summary>Full-load files of the first snapshot, or of one that is not known to be complete: version 0, they only fill gaps.</summary>
    public sealed record Snapshot : ChangeKind;

    /// <summary>A complete generation: every row of it has the generation's version.</summary>
    public sealed record Generation(BigInteger Version) : ChangeKind;

    /// <summary>CDC files: each row carries its version.</summary>
    public sealed record Stream : ChangeKind;
}
