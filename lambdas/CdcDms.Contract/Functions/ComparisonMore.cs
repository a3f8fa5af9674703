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

    /// <summary>As many proofs are open as are kept; once merges have judged some, another call goes on.</summary>
    [JsonStringEnumMemberName("judgement")]
    Judgement,
}
