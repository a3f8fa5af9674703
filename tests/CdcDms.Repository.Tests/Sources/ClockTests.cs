using System.Text.RegularExpressions;

namespace CdcDms.Rules.Sources;

/// <summary>Where time decides, it comes from a TimeProvider, so that a test can choose it.</summary>
public partial class ClockTests
{
    /// <summary>Who reads the wall clock, and why.</summary>
    private static readonly Dictionary<string, string> Allowed = new()
    {
        ["lambdas/CdcDms.DuckDb/WorkFolder.cs"] = "compares it with the times that the file system gives to folders",
        ["lambdas/CdcDms.Aws/AwsApi.cs"] = "AWS compares the time of a signature with its own clock",
        ["lambdas/CdcDms.Aws/AwsSignature.cs"] = "AWS compares the time of a signature with its own clock",
        ["local/Demo/DemoProgress.cs"] = "shows how far the demo is behind",
        ["local/LambdaHost/ExecutionEnvironment.cs"] = "a function compares its deadline with the wall clock",
        ["local/Workflow/Synthesis.cs"] = "compares it with the times that the file system gives to folders",
    };

    private static readonly IReadOnlyList<string> Readers =
    [
        .. from project in ReadHouse.Projects
           where !project.IsTest
           from file in project.Files
           where file.Lines.Any(line => WallClock().IsMatch(line))
           select file.Path,
    ];

    [Fact]
    public void No_other_source_reads_the_wall_clock() =>
        Faults.AssertNone(Readers.Except(Allowed.Keys).Select(path => $"{path} reads the wall clock."));

    [Fact]
    public void Every_exception_reads_it() =>
        Faults.AssertNone(Allowed.Keys.Except(Readers).Select(path => $"{path} does not read the wall clock."));

    [GeneratedRegex(@"\b(DateTime|DateTimeOffset)\.(UtcNow|Now)\b")]
    private static partial Regex WallClock();
}
