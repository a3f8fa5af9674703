using System.Collections.Concurrent;

namespace CdcDms.Local.LambdaHost;

/// <summary>
/// The execution environments of one function: an idle one answers, else a new one is started, as Lambda does. What comes while there are
/// as many as this machine has processors waits for one, where Lambda starts more: here each more would make all of them slower.
/// </summary>
internal sealed class FunctionPool(LocalFunction function, Action<string> log) : IAsyncDisposable
{
    private readonly SemaphoreSlim _places = new(Math.Max(2, Environment.ProcessorCount));
    private readonly ConcurrentBag<ExecutionEnvironment> _idle = [];

    // Those that work too: a function that waits for a lock, or for a debugger, does not notice that the host is gone.
    private readonly ConcurrentDictionary<ExecutionEnvironment, bool> _running = [];
    private volatile bool _ends;

    /// <summary>Runs one invocation.</summary>
    public async Task<InvocationAnswer> InvokeAsync(ReadOnlyMemory<byte> input)
    {
        await _places.WaitAsync();
        try
        {
            var process = await TakeAsync();
            var answer = await process.InvokeAsync(input);
            if (process.IsAlive)
                _idle.Add(process);
            else
                await EndAsync(process);
            return answer;
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<ExecutionEnvironment> TakeAsync()
    {
        while (_idle.TryTake(out var idle))
        {
            if (idle.IsAlive)
                return idle;
            await EndAsync(idle);
        }

        var started = await ExecutionEnvironment.StartAsync(function, log);
        _running[started] = true;
        // An invocation that comes while the host ends hears what those hear that it interrupts: that the process ended.
        if (_ends)
            await EndAsync(started);
        return started;
    }

    private async Task EndAsync(ExecutionEnvironment process)
    {
        if (_running.TryRemove(process, out _))
            await process.DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _ends = true;
        foreach (var process in _running.Keys)
            await EndAsync(process);
    }
}
