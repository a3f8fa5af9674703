using CdcDms.Contract.Tables;

namespace CdcDms.Contract.Functions;

/// <summary>Input of the validate function: one table.</summary>
public sealed record ValidateInput
{
    /// <summary>The table to compare.</summary>
    public required TableDefinition Table { get; init; }
}
