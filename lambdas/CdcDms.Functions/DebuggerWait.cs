using System.Diagnostics;
using CdcDms.Contract.Functions;

namespace CdcDms.Functions;

/// <summary>Lets a developer attach a debugger before a function takes its first invocation.</summary>
internal static class DebuggerWait
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Returns at once unless <see cref="FunctionEnvironment.WaitForDebugger"/> names the function; then tells the process in the log and
    /// waits until a debugger is attached to it.
    /// </summary>
    /// <param name="function">The name of this process's function.</param>
    public static async Task PassAsync(string? function)
    {
        if (function is null || Environment.GetEnvironmentVariable(FunctionEnvironment.WaitForDebugger) != function)
            return;
        await Console.Error.WriteLineAsync($"The function {function} waits for a debugger: attach one to process {Environment.ProcessId}.");
        while (!Debugger.IsAttached)
            await Task.Delay(Poll);
    }
}
