using CdcDms.Contract.Lake;

namespace CdcDms.Pipeline.Merging;

/// <summary>Which of the waiting files a merge shall take.</summary>
internal abstract record BatchChoice
{
    private BatchChoice()
    {
    }

    /// <summary>The next ones, in order.</summary>
    /// <param name="MostBytes">Most bytes of Parquet; one file is always taken.</param>
    public sealed record Next(long MostBytes) : BatchChoice;

    /// <summary>A group of full-load files that was planned before.</summary>
    public sealed record Planned(FileGroup Group) : BatchChoice;
}
