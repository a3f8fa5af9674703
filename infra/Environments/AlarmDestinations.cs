namespace CdcDms.Infra.Environments;

/// <summary>Who is told of one severity.</summary>
public sealed record AlarmDestinations
{
    /// <summary>E-mail addresses; each has to confirm once.</summary>
    public required IReadOnlyList<string> Emails { get; init; }

    /// <summary>Endpoints, <c>https://…</c>, which have to confirm as Amazon SNS asks of them.</summary>
    public required IReadOnlyList<string> Endpoints { get; init; }

    /// <summary>
    /// Topics of Amazon SNS that somebody else owns, whose policies let CloudWatch, EventBridge and the state machines publish.
    /// </summary>
    public required IReadOnlyList<string> TopicArns { get; init; }

    /// <summary>Whether there is nobody.</summary>
    public bool AreNone => Emails.Count + Endpoints.Count + TopicArns.Count == 0;
}
