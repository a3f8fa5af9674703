namespace CdcDms.Pipeline.Spark;

/// <summary>What Spark has left of change files cannot be merged in their place; nothing is lost, since the files still wait.</summary>
/// <param name="reason">Why, as half a sentence.</param>
internal sealed class NotFromSparkException(string reason) : Exception(reason);
