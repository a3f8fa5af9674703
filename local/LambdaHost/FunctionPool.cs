using System.Collections.Concurrent;

namespace CdcDms.Local.LambdaHost;

/// <summary>The execution environments of one function: an idle one answers, else a new one is started, as Lambda does.</summary>
internal sealed class FunctionPool(LocalFunction function, Action<string> log) : IAsyncDisposable
{
    private readonly ConcurrentBag<ExecutionEnvironment> _idle = [];

    /// <summary>Runs one invocation.</summary>
    public async Task<InvocationAnswer> InvokeAsync(ReadOnlyMemory<byte> input)
    {
        var process = await TakeAsync();
        var answer = await process.InvokeAsync(input);
        if (process.IsAlive)
            _idle.Add(process);
        else
            await process.DisposeAsync();
        return answer;
    }

    private async Task<ExecutionEnvironment> TakeAsync()
    {
        while (_idle.TryTake(out var idle))
        {
            if (idle.IsAlive)
                return idle;
            await idle.DisposeAsync();
        }

        return await ExecutionEnvironment.StartAsync(function, log);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in _idle)
            await process.DisposeAsync();
    }
}
