using System.Text.Json.Serialization;

namespace CdcDms.Pipeline.Ledger;

/// <summary>How a row differs.</summary>
public enum DifferenceKind
{
    /// <summary>The source has the row, analytics does not.</summary>
    [JsonStringEnumMemberName("missing")]
    Missing,

    /// <summary>Analytics has the row, the source does not.</summary>
    [JsonStringEnumMemberName("extra")]
    Extra,

    /// <summary>Both have the row, with different values.</summary>
    [JsonStringEnumMemberName("changed")]
    Changed,
}
