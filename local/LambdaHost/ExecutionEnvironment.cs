using System.Diagnostics;
using System.Globalization;

namespace CdcDms.Local.LambdaHost;

/// <summary>
/// One execution environment: a process of the published bundle and the Runtime API that it speaks to. It answers one invocation
/// at a time. The host ends it; of a host that was killed, it finds the Runtime API gone.
/// </summary>
internal sealed class ExecutionEnvironment : IAsyncDisposable
{
    // A developer who steps through a function takes longer than the function may.
    private static readonly TimeSpan UnderDebugger = TimeSpan.FromDays(1);

    private readonly LocalFunction _function;
    private readonly RuntimeApiServer _runtime;
    private readonly Process _process;
    private readonly Task<int> _exited;

    private ExecutionEnvironment(LocalFunction function, RuntimeApiServer runtime, Process process)
    {
        _function = function;
        _runtime = runtime;
        _process = process;
        _exited = ExitAsync(process);
    }

    /// <summary>Whether the process still runs, so that it can take another invocation.</summary>
    public bool IsAlive => !_exited.IsCompleted;

    /// <summary>Starts a process; its log goes to <paramref name="log"/>, line by line.</summary>
    public static async Task<ExecutionEnvironment> StartAsync(LocalFunction function, Action<string> log)
    {
        var runtime = await RuntimeApiServer.StartAsync();
        // Lambda's bootstrap for an executable assembly runs `dotnet exec /var/task/<Handler>.dll`.
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(function.BundleFolder, $"{function.Handler}.dll")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in function.Environment)
            start.Environment[name] = value;
        start.Environment["AWS_LAMBDA_RUNTIME_API"] = runtime.Address;
        start.Environment["AWS_LAMBDA_FUNCTION_NAME"] = function.Name;
        start.Environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = function.MemoryMegabytes.ToString(CultureInfo.InvariantCulture);
        start.Environment["LAMBDA_TASK_ROOT"] = function.BundleFolder;
        start.Environment["_HANDLER"] = function.Handler;
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Log(line);
        process.ErrorDataReceived += (_, line) => Log(line);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ExecutionEnvironment(function, runtime, process);

        void Log(DataReceivedEventArgs line)
        {
            if (line.Data is { } text)
                log(text);
        }
    }

    /// <summary>Runs one invocation; an environment that crashed or ran out of time is not alive afterwards.</summary>
    public async Task<InvocationAnswer> InvokeAsync(ReadOnlyMemory<byte> input)
    {
        var requestId = Guid.NewGuid().ToString();
        var timeout = _function.WaitsForDebugger ? UnderDebugger : TimeSpan.FromSeconds(_function.TimeoutSeconds);
        var answering = _runtime.InvokeAsync(
            requestId, $"arn:aws:lambda:local:000000000000:function:{_function.Name}", input, DateTime.UtcNow + timeout);
        var ended = await Task.WhenAny(answering, _exited, Task.Delay(timeout));
        if (ended == answering)
            return await answering;
        if (ended == _exited)
            // An init error is reported before the process ends.
            return _runtime.InitError ?? InvocationAnswer.HostError(
                "Runtime.ExitError", $"RequestId: {requestId} Error: Runtime exited with error: exit status {await _exited}");
        _process.Kill();
        await _exited;
        return InvocationAnswer.HostError(
            "Sandbox.Timedout",
            string.Create(
                CultureInfo.InvariantCulture,
                $"RequestId: {requestId} Error: Task timed out after {_function.TimeoutSeconds:F2} seconds"));
    }

    private static async Task<int> ExitAsync(Process process)
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (IsAlive)
            _process.Kill();
        await _exited;
        _process.Dispose();
        await _runtime.DisposeAsync();
    }
}
