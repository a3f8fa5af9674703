using System.Text.Json.Serialization;

namespace CdcDms.Contract.Functions;

/// <summary>How a batch's rows get into the target.</summary>
public enum MergeWay
{
    /// <summary>
    /// Rows of a first load are copied into the target itself, where its types are those of the files. The fastest; one row that is there
    /// already, or twice in the load, fails it.
    /// </summary>
    [JsonStringEnumMemberName("straight")]
    Straight,

    /// <summary>Rows are staged, and merged from there.</summary>
    [JsonStringEnumMemberName("staged")]
    Staged,

    /// <summary>
    /// The same, with a search for the changes that the target refuses, which are put aside. The search merges everything at least twice,
    /// so only a batch that has failed is merged like this.
    /// </summary>
    [JsonStringEnumMemberName("careful")]
    Careful,
}
