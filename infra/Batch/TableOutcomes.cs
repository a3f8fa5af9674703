namespace CdcDms.Infra.Batch;

/// <summary>What became of a table, as the workflow over all tables reads it from <c>outcome</c>.</summary>
internal static class TableOutcomes
{
    /// <summary>Merged, and compared unless it is fed from plain files.</summary>
    public const string Merged = "merged";

    /// <summary>Merged, but the comparison with the source failed.</summary>
    public const string NotCompared = "notCompared";

    /// <summary>Not merged, or not wholly.</summary>
    public const string Failed = "failed";
}
