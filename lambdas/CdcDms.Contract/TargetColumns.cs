namespace CdcDms.Contract;

/// <summary>Names of the columns that the pipeline keeps in every target table beside the table's own.</summary>
public static class TargetColumns
{
    /// <summary><c>numeric(35,0) NOT NULL</c>: the change version of the row's image; 0 for a row of the first snapshot.</summary>
    public const string Version = "_cdc_version";

    /// <summary><c>timestamptz</c>: when the source committed the row's image; NULL when a file did not say.</summary>
    public const string CommittedAt = "_cdc_committed_at";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Version, CommittedAt];

    /// <summary>Whether a column belongs to the pipeline and not to the table.</summary>
    public static bool Contains(string name) => All.Contains(name);
}
