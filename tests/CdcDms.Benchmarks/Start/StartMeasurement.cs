using CdcDms.Contract.Functions;

namespace CdcDms.Benchmarks.Start;

/// <summary>How long something took that a function needs before it works, or when it does.</summary>
internal sealed record StartMeasurement
{
    /// <summary>What stands above the lines.</summary>
    public static string Head => $"{"work",-22}{"ms (lowest–highest)",24}   {MedianPhases.Head}";

    /// <summary>The work.</summary>
    public required string Work { get; init; }

    /// <summary>What it took, in milliseconds.</summary>
    public required Spread Milliseconds { get; init; }

    /// <summary>Medians of a batch's phases; null where there is no batch.</summary>
    public MergePhases? Phases { get; init; }

    /// <summary>The measurement as a line for people.</summary>
    public string Line =>
        $"{Work,-22}{Milliseconds.AsWholeNumbers,24}   {Phases?.Line()}".TrimEnd();

    /// <summary>Work without a batch.</summary>
    public static StartMeasurement Of(string work, IReadOnlyList<double> milliseconds) =>
        new() { Work = work, Milliseconds = Spread.Of(milliseconds) };

    /// <summary>Invocations of the merge function.</summary>
    public static StartMeasurement Of(string work, IReadOnlyList<(double Milliseconds, MergeOutput Output)> answers) => new()
    {
        Work = work,
        Milliseconds = Spread.Of(answers.Select(answer => answer.Milliseconds)),
        Phases = answers[0].Output.Files > 0 ? MedianPhases.Of([.. answers.Select(answer => answer.Output.Phases)]) : null,
    };
}
