using System.Collections.Concurrent;
using System.Diagnostics;

namespace CdcDms.Functions.Tests;

/// <summary>The built bundle as Lambda runs it: <c>dotnet exec</c> in a process of its own that speaks to a Runtime API.</summary>
public sealed class BundleProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly ConcurrentQueue<string> _errors = new();

    public BundleProcess(string? function, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { "exec", Path.Combine(FunctionsBundle.Folder, "CdcDms.Functions.dll") },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["AWS_LAMBDA_RUNTIME_API"] = Lambda.Host, ["CDCDMS_FUNCTION"] = function },
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line, _log);
        _process.ErrorDataReceived += (_, line) => Keep(line, _errors);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public RuntimeApiStandIn Lambda { get; } = new();

    /// <summary>What the process has written to stderr.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>Ends the process, and tells what its functions have logged.</summary>
    public async Task<IReadOnlyList<string>> LogAsync()
    {
        Lambda.Dispose();
        await ExitCodeAsync();
        return [.. _log];
    }

    /// <summary>Runs one invocation and waits for its answer or its error.</summary>
    public async Task<Report> InvokeAsync(string input, TimeSpan? timeout = null)
    {
        Lambda.Invoke("request", input, timeout ?? TimeSpan.FromMinutes(2));
        return await Lambda.NextReportAsync();
    }

    /// <summary>The process's exit code, once it has ended by itself.</summary>
    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return _process.ExitCode;
    }

    private static void Keep(DataReceivedEventArgs line, ConcurrentQueue<string> lines)
    {
        if (line.Data is { } text)
            lines.Enqueue(text);
    }

    public async ValueTask DisposeAsync()
    {
        Lambda.Dispose();
        await ExitCodeAsync();
        _process.Dispose();
    }
}
