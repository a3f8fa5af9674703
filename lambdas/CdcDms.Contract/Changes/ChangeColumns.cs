namespace CdcDms.Contract.Changes;

/// <summary>
/// Names of the columns that DMS adds to every change file. They are resolved by name, never by position
/// (docs/dms-contract.md#op-and-timestamp).
/// </summary>
public static class ChangeColumns
{
    /// <summary>
    /// <c>I</c>, <c>U</c> or <c>D</c>; absent or NULL means a row of a full load (docs/dms-contract.md#op-and-timestamp).
    /// </summary>
    public const string Operation = "Op";

    /// <summary>
    /// Commit time at the source, UTC, as text <c>yyyy-MM-dd HH:mm:ss.SSSSSS</c> (docs/dms-contract.md#op-and-timestamp).
    /// </summary>
    public const string Timestamp = "cdc_timestamp";

    /// <summary>
    /// The change sequence: 35 digits from <c>$AR_H_CHANGE_SEQ</c>; empty or NULL on full-load rows (docs/dms-contract.md#change-sequence).
    /// </summary>
    public const string Sequence = "cdc_change_seq";

    /// <summary>The names of all these columns.</summary>
    public static IReadOnlyList<string> All { get; } = [Operation, Timestamp, Sequence];

    /// <summary>
    /// Before the name of a key column: what the column held before an update that changed the row's key
    /// (docs/dms-contract.md#before-images).
    /// </summary>
    public const string BeforeImagePrefix = "BI_";

    /// <summary>The name of the column that holds the value of a key column before an update.</summary>
    public static string BeforeImage(string keyColumn) => BeforeImagePrefix + keyColumn;

    /// <summary>Whether a column is one of DMS's own and not one of the table's.</summary>
    public static bool Contains(string name) => name is Operation or Timestamp or Sequence;
}
