namespace CdcDms.Infra.Batch;

/// <summary>What became of a table, as a workflow over all tables reads it from <c>outcome</c>.</summary>
internal static class TableOutcomes
{
    /// <summary>Merged, and rows of it read for a proof where the environment says so.</summary>
    public const string Merged = "merged";

    /// <summary>Left to another execution, which merges the table at this time.</summary>
    public const string LeftAlone = "leftAlone";

    /// <summary>Compared wholly, and the rows that differ read for a proof.</summary>
    public const string Asked = "asked";

    /// <summary>Merged, if it was to be, but its rows could not be read for a proof.</summary>
    public const string NotProven = "notProven";

    /// <summary>Not merged, or not wholly.</summary>
    public const string Failed = "failed";
}
