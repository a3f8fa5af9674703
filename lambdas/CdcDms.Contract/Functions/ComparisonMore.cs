using System.Text.Json.Serialization;

namespace CdcDms.Contract.Functions;

/// <summary>What keeps a comparison of a whole table from its end.</summary>
public enum ComparisonMore
{
    /// <summary>Nothing: the comparison has ended.</summary>
    [JsonStringEnumMemberName("nothing")]
    Nothing,

    /// <summary>The call's time is over; another call goes on.</summary>
    [JsonStringEnumMemberName("time")]
    Time,

    /// <summary>
    /// Merges come first: as many proofs are open as are kept, or one call was not enough, and all that the source had when the comparison
    /// began is to be merged before it goes on.
    /// </summary>
    [JsonStringEnumMemberName("merges")]
    Merges,
}
