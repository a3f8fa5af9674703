namespace CdcDms.Pipeline.Changes;

/// <summary>A column of files that Spark has written.</summary>
/// <param name="Name">Its name in the change files.</param>
/// <param name="Value">DuckDB's expression for a value as the change files have it.</param>
internal sealed record CarriedColumn(string Name, string Value)
{
    /// <summary>
    /// The column that says for how many changes a row stands: for itself and for those that were left out because of it. The sum over all
    /// rows is the number of changes that were read, so no row of the change files or of Spark's can be lost or doubled unseen.
    /// </summary>
    public const string StandsFor = "stands_for";
}
