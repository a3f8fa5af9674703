using CdcDms.Contract.Functions;

namespace CdcDms.Local.LambdaHost;

/// <summary>A function that the host can run: one entry of the published bundle with its own settings.</summary>
public sealed record LocalFunction
{
    /// <summary>The name by which it is invoked.</summary>
    public required string Name { get; init; }

    /// <summary>Folder of the published bundle.</summary>
    public required string BundleFolder { get; init; }

    /// <summary>The handler, which for the managed runtime's executable mode is the assembly's name without extension.</summary>
    public required string Handler { get; init; }

    /// <summary>Its environment variables, beside those that Lambda itself sets.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>After so long the process is killed, and the caller told.</summary>
    public required int TimeoutSeconds { get; init; }

    /// <summary>Whether its processes wait for a debugger, and then have a day for an invocation.</summary>
    public bool WaitsForDebugger =>
        Environment.TryGetValue(FunctionEnvironment.Function, out var name)
        && System.Environment.GetEnvironmentVariable(FunctionEnvironment.WaitForDebugger) == name;

    /// <summary>What Lambda would give it; told to the process, not enforced here.</summary>
    public required int MemoryMegabytes { get; init; }
}
