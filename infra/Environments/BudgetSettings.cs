namespace CdcDms.Infra.Environments;

/// <summary>What an environment may cost.</summary>
public sealed record BudgetSettings
{
    /// <summary>US dollars a month. People are told when they are nearly, and when they are all, spent.</summary>
    public required int MonthlyDollars { get; init; }
}
