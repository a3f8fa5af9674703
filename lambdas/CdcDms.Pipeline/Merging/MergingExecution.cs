namespace CdcDms.Pipeline.Merging;

/// <summary>An execution of the workflow, of which each call plans or merges a part of a table's work.</summary>
/// <param name="Id">Its id. All its calls have the same, also when it is begun again where it failed.</param>
/// <param name="LongestCall">The time after which this call surely has ended.</param>
public sealed record MergingExecution(string Id, TimeSpan LongestCall)
{
    // Between two calls: the state machine's own work, and retries that wait.
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>How long others leave a table to the execution from the beginning of this call on, should it die.</summary>
    public TimeSpan Lasts => LongestCall + LongestPause;
}
