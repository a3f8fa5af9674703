namespace CdcDms.Pipeline.Merging;

/// <summary>Between making a batch ready and its transaction somebody has altered the target; the batch may be made ready anew.</summary>
internal sealed class TargetChangedException() : Exception("The target was altered while a batch was made ready.");
