namespace CdcDms.Pipeline.Ledger;

/// <summary>What the ledger knows of files that had an object's name before.</summary>
internal enum Namesake
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>One was rejected, and none applied: the object is in its place.</summary>
    Rejected,

    /// <summary>One with the same bytes was applied.</summary>
    SameBytes,

    /// <summary>One was applied, but none with the same bytes.</summary>
    OtherBytes,
}
