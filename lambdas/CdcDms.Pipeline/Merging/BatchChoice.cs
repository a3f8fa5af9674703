using CdcDms.Contract.Lake;

namespace CdcDms.Pipeline.Merging;

/// <summary>Which of the waiting files a merge shall take.</summary>
/// <param name="Limits">How much of them.</param>
internal abstract record BatchChoice(BatchLimits Limits)
{
    /// <summary>The next ones, in order.</summary>
    public sealed record Next(BatchLimits Limits) : BatchChoice(Limits);

    /// <summary>What Spark has left by a plan, in the place of the plan's files.</summary>
    public sealed record OfSpark(string Plan, BatchLimits Limits) : BatchChoice(Limits);

    /// <summary>Those of a group of full-load files that was planned before.</summary>
    public sealed record Planned(FileGroup Group, BatchLimits Limits) : BatchChoice(Limits);
}
