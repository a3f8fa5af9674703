using CdcDms.Pipeline.Catalog;

namespace CdcDms.Pipeline.Validation;

/// <summary>
/// Whether 1.5 and 1.500 are different values of a column. They are where the source's scale arrives in the target. It does not where the
/// target's column has a scale of its own, nor where files carried numbers with another fixed scale than the source's: DMS writes a
/// numeric without a scale as DECIMAL(28,6) (docs/dms-contract.md#parquet-types).
/// </summary>
internal readonly struct NumericScale
{
    private const string Numeric = "numeric";

    /// <summary>Decides for one column.</summary>
    /// <param name="source">The source's column.</param>
    /// <param name="target">The target's column.</param>
    /// <param name="fileType">The column's type in the newest file that had it, as DuckDB names types; null when no file had it.</param>
    public NumericScale(CatalogColumn source, CatalogColumn target, string? fileType) =>
        IsTrimmed = target.CastType == Numeric
            && (target.StoredType != Numeric
                || !(fileType is null or "VARCHAR" || (Scale(fileType) is { } scale && scale == Scale(source.StoredType))));

    /// <summary>Whether the zeros that end a number do not count.</summary>
    public bool IsTrimmed { get; }

    /// <summary>A value with as many digits after the point as it is compared with; what is not numeric stays as it is.</summary>
    public string Of(string value) => IsTrimmed ? $"trim_scale({value})" : value;

    // numeric(5,-2) shows no digits after the point, and travels as a decimal of scale 0.
    private static int? Scale(string type) =>
        type.IndexOf(',', StringComparison.Ordinal) is var comma and >= 0 && type.EndsWith(')')
            ? Math.Max(0, int.Parse(type.AsSpan(comma + 1, type.Length - comma - 2), System.Globalization.CultureInfo.InvariantCulture))
            : null;
}
