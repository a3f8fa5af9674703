using CdcDms.Contract;
using CdcDms.Functions.Aws;
using CdcDms.LambdaRuntime;
using Npgsql;

namespace CdcDms.Functions.Tables;

/// <summary>The work of a function over its databases, within the time that the function has.</summary>
internal static class DatabaseWork
{
    /// <summary>Does the work.</summary>
    /// <param name="invocation">The invocation.</param>
    /// <param name="function">The function's name and what it works on, for a message.</param>
    /// <param name="advice">What to do when the work takes longer than the function has.</param>
    /// <param name="runAsync">The work; tried once more with the new password where one was rotated.</param>
    /// <param name="cancellationToken">Cancelled a little before the deadline.</param>
    /// <exception cref="CdcDmsException">The work failed, or did not end in time (<see cref="ErrorKind.OutOfTime"/>).</exception>
    public static async Task<T> RunAsync<T>(
        Invocation invocation,
        string function,
        string advice,
        Func<Connections, Task<T>> runAsync,
        CancellationToken cancellationToken)
    {
        var given = invocation.RemainingTime;
        try
        {
            return await WithFreshPasswordAsync(invocation, runAsync, cancellationToken);
        }
        catch (Exception fault) when (cancellationToken.IsCancellationRequested)
        {
            throw new CdcDmsException(
                ErrorKind.OutOfTime,
                $"The function {function} did not end within its {given.TotalSeconds:F0} s: {advice}.",
                fault);
        }
    }

    /// <summary>
    /// A password that was rotated is refused until the cache has forgotten the old one: then the work is tried once more, if there is
    /// time.
    /// </summary>
    private static async Task<T> WithFreshPasswordAsync<T>(
        Invocation invocation, Func<Connections, Task<T>> runAsync, CancellationToken cancellationToken)
    {
        var connections = new Connections(invocation);
        try
        {
            return await runAsync(connections);
        }
        catch (CdcDmsException fault) when (
            fault.InnerException is PostgresException { SqlState: PostgresErrorCodes.InvalidPassword } && connections.MayReadPasswordsAnew)
        {
            await Task.Delay(SecretsExtension.CacheLifetime, invocation.Clock, cancellationToken);
            return await runAsync(new Connections(invocation));
        }
    }
}
