namespace CdcDms.Pipeline.Merging;

/// <summary>How a batch's rows get into the target.</summary>
internal enum MergeWay
{
    /// <summary>
    /// Rows of a first load are copied into the target itself, where its types are those of the files. The fastest; one row that is there
    /// already, or twice in the load, fails it.
    /// </summary>
    Straight,

    /// <summary>Rows are staged, and merged from there.</summary>
    Staged,

    /// <summary>
    /// The same, with a search for the changes that the target refuses, which are put aside. The search merges everything at least twice,
    /// so only a batch that has failed is merged like this.
    /// </summary>
    Careful,
}
