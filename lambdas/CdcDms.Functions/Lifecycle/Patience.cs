using CdcDms.Aws;
using CdcDms.Contract;

namespace CdcDms.Functions.Lifecycle;

/// <summary>How often to look and until when, for everything that one call does together.</summary>
/// <param name="Poll">Time between two looks.</param>
/// <param name="Until">When to give up.</param>
/// <param name="Clock">The clock of both.</param>
internal sealed record Patience(TimeSpan Poll, DateTimeOffset Until, TimeProvider Clock)
{
    /// <summary>Patience that ends when this time from now has passed.</summary>
    public static Patience Of(TimeSpan wait, TimeSpan poll, TimeProvider clock) => new(poll, clock.GetUtcNow() + wait, clock);

    /// <summary>Makes a call again while AWS refuses it for a reason that may pass.</summary>
    /// <exception cref="AwsException">What AWS said last, out of time, or for a reason that waiting does not cure.</exception>
    public async Task<T> UntilDoneAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (AwsException refused) when (refused.MayPass && Clock.GetUtcNow() + Poll < Until)
            {
                await Task.Delay(Poll, Clock, cancellationToken);
            }
        }
    }

    /// <summary>Takes a step again and again until it says that the goal is reached.</summary>
    /// <param name="failure">What to say when it never does; asked at the end.</param>
    /// <param name="step">Looks and acts once.</param>
    /// <exception cref="CdcDmsException">Out of time; the sentence ends with what AWS said last.</exception>
    /// <exception cref="AwsException">AWS refused for a reason that waiting does not cure.</exception>
    public async Task UntilAsync(Func<string> failure, Func<Task<bool>> step, CancellationToken cancellationToken)
    {
        while (true)
        {
            AwsException? last = null;
            try
            {
                if (await step())
                    return;
            }
            catch (AwsException refused) when (refused.MayPass)
            {
                last = refused;
            }

            if (Clock.GetUtcNow() + Poll >= Until)
                throw new CdcDmsException(
                    ErrorKind.OutOfTime, last is null ? failure() : $"{failure()} AWS said last: {last.Message}", last);
            await Task.Delay(Poll, Clock, cancellationToken);
        }
    }
}
