namespace CdcDms.Pipeline.Validation;

/// <summary>Reads source and analytics at the same time.</summary>
internal static class BothSides
{
    /// <summary>Runs both; the first that fails ends the other, and is what went wrong.</summary>
    public static async Task<(T Source, T Target)> RunAsync<T>(
        Func<CancellationToken, Task<T>> source, Func<CancellationToken, Task<T>> target, CancellationToken cancellationToken)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<T>[] sides = [source(cancel.Token), target(cancel.Token)];
        try
        {
            await foreach (var ended in Task.WhenEach(sides))
                await ended;
            return (await sides[0], await sides[1]);
        }
        finally
        {
            await cancel.CancelAsync();
            await ((Task)Task.WhenAll(sides)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
