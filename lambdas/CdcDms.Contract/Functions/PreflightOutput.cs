namespace CdcDms.Contract.Functions;

/// <summary>
/// Output of the preflight function: what was found, by what it does. Each list has at most a hundred, one of every check before a second
/// of any.
/// </summary>
public sealed record PreflightOutput
{
    /// <summary>DMS or the merge does not start, or stops.</summary>
    public required IReadOnlyList<PreflightFinding> Blocks { get; init; }

    /// <summary>Rows, changes or parts of values do not arrive.</summary>
    public required IReadOnlyList<PreflightFinding> Loses { get; init; }

    /// <summary>Something may go wrong later, or could not be looked at.</summary>
    public required IReadOnlyList<PreflightFinding> Warns { get; init; }
}

/// <summary>One thing that is not as the pipeline needs it.</summary>
/// <param name="Check">The check that found it; the page docs/command-line.md lists them.</param>
/// <param name="Reason">What is wrong and what comes of it: a sentence.</param>
/// <param name="ByHand">What somebody has to do that no statement can: a sentence. Null where statements are enough.</param>
public sealed record PreflightFinding(string Check, string Reason, string? ByHand = null);
