namespace CdcDms.Contract.Functions;

/// <summary>How a batch went, whether it was merged or given up.</summary>
public sealed record BatchCourse
{
    /// <summary>How often a batch was begun; all but the last were given up for another choice of files.</summary>
    public required int Attempts { get; init; }

    /// <summary>The ways that the last attempt took, one after the other; each but the last failed.</summary>
    public required IReadOnlyList<MergeWay> Ways { get; init; }

    /// <summary>Where the time of all attempts went.</summary>
    public required MergePhases Phases { get; init; }
}
