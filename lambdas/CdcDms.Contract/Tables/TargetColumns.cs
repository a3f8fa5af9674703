namespace CdcDms.Contract.Tables;

/// <summary>Names of the columns that the pipeline keeps in every target table beside the table's own.</summary>
public static class TargetColumns
{
    /// <summary><c>numeric(38,0) NOT NULL</c>: the version of the row's image; 0 for a row from before the first merge.</summary>
    public const string Version = "_cdc_version";

    /// <summary><c>timestamptz</c>: when the source committed the row's image; NULL when a file did not say.</summary>
    public const string CommittedAt = "_cdc_committed_at";

    /// <summary>
    /// <c>numeric(38,0)</c>, with soft deletes only: the version of the delete, NULL while the row lives. Always above the image's version.
    /// </summary>
    public const string DeleteVersion = "_cdc_delete_version";

    /// <summary><c>boolean</c>, with soft deletes only, computed: whether the row is deleted at the source.</summary>
    public const string Deleted = "_cdc_deleted";

    /// <summary>
    /// <c>jsonb</c>, where needed only: the versions of columns whose value is not of the row's image's version, each with its columns, as
    /// a text of bits in the order of <c>register_columns</c> in <c>cdc.tables</c>; −1 for columns without a value yet. NULL when all are
    /// of the image's version, as in nearly every row.
    /// </summary>
    public const string Registers = "_cdc_registers";

    /// <summary>The names of all these columns.</summary>
    public static IReadOnlyList<string> All { get; } = [Version, CommittedAt, DeleteVersion, Deleted, Registers];

    /// <summary>Whether a column belongs to the pipeline and not to the table.</summary>
    public static bool Contains(string name) => All.Contains(name);
}
