using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Preflight;

/// <summary>What the values of a table's columns are like.</summary>
/// <param name="Sizes">
/// The size of the largest value as DMS counts it, in bytes, of each column whose values DMS may cut. Exact where it is near the limit.
/// </param>
/// <param name="Numbers">The digits of each numeric column without a scale.</param>
/// <param name="Failure">Why the table was not measured; null when it was, or when there was nothing to measure.</param>
internal sealed record MeasuredValues(
    IReadOnlyDictionary<string, long> Sizes, IReadOnlyDictionary<string, MeasuredDigits> Numbers, string? Failure)
{
    public static MeasuredValues None { get; } = new(new Dictionary<string, long>(), new Dictionary<string, MeasuredDigits>(), null);
}

/// <summary>Most digits that a value of a column has.</summary>
/// <param name="Before">Before the point.</param>
/// <param name="After">After the point, without closing zeros.</param>
/// <param name="NotFinite">Whether a value is NaN or infinite.</param>
internal readonly record struct MeasuredDigits(int Before, int After, bool NotFinite)
{
    /// <summary>Whether every value fits into what DMS makes of a numeric without a scale.</summary>
    public bool Fit => !NotFinite && After <= NumericModifier.UnboundedByDms.Scale
        && Before <= NumericModifier.UnboundedByDms.Precision - NumericModifier.UnboundedByDms.Scale;
}
