namespace CdcDms.LambdaRuntime;

/// <summary>What Lambda says about one invocation beside its input (headers of the Runtime API's <c>next</c>).</summary>
public sealed record Invocation
{
    /// <summary>The id that stands in Lambda's own log lines and in the caller's answer.</summary>
    public required string RequestId { get; init; }

    /// <summary>When Lambda kills the function, UTC.</summary>
    public required DateTime DeadlineUtc { get; init; }

    /// <summary>The ARN that was invoked, with version or alias; null when the host does not say.</summary>
    public string? FunctionArn { get; init; }

    /// <summary>The X-Ray tracing header; null when the invocation is not traced.</summary>
    public string? TraceId { get; init; }

    /// <summary>The clock that deadlines and waits of this invocation go by. Default: the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Time left until <see cref="DeadlineUtc"/>; zero when it has passed.</summary>
    public TimeSpan RemainingTime =>
        DeadlineUtc - Clock.GetUtcNow().UtcDateTime is { Ticks: > 0 } left ? left : TimeSpan.Zero;
}
