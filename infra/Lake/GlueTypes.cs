using System.Globalization;
using System.Text.RegularExpressions;
using CdcDms.Contract.Tables;

namespace CdcDms.Infra.Lake;

/// <summary>
/// The types that the Glue catalogue has, which are Hive's, for what DMS writes of PostgreSQL's (docs/dms-contract.md#parquet-types).
/// </summary>
internal static partial class GlueTypes
{
    public const string Text = "string";

    /// <summary>The type of a column of change files; null for a time of day, for which Hive has none.</summary>
    /// <param name="postgresType">As a definition names it, such as <c>numeric(12,2)</c>.</param>
    public static string? Of(string postgresType)
    {
        var type = postgresType.Trim().ToLowerInvariant();
        if (type.Contains('[', StringComparison.Ordinal) || type.EndsWith(" array", StringComparison.Ordinal))
            return Text;
        var digits = DigitsPattern().Match(type).Groups["digits"].Value;
        return type.Split(' ', '(')[0] switch
        {
            "smallint" or "int2" or "smallserial" => "smallint",
            "integer" or "int" or "int4" or "serial" => "int",
            "bigint" or "int8" or "bigserial" => "bigint",
            "real" or "float4" => "float",
            "double" or "float8" => "double",
            "float" => digits.Length > 0 && int.Parse(digits, CultureInfo.InvariantCulture) <= MostDigitsOfReal ? "float" : "double",
            "numeric" or "decimal" => Decimal(digits),
            "money" => "decimal(38,4)",
            "boolean" or "bool" => "boolean",
            "bytea" => "binary",
            "date" => "date",
            "timestamp" or "timestamptz" => "timestamp",
            "time" or "timetz" => null,
            _ => Text,
        };
    }

    // Binary digits (PostgreSQL documentation, Floating-Point Types).
    private const int MostDigitsOfReal = 24;

    private static string Decimal(string digits)
    {
        var parts = digits.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        var modifier = parts.Length == 0
            ? NumericModifier.None
            : new NumericModifier(parts[0], parts.ElementAtOrDefault(1)).Packed;
        return NumericModifier.CarriedByDms(modifier) is { } carried ? $"decimal{carried}" : Text;
    }

    [GeneratedRegex(@"\((?<digits>[-0-9, ]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex DigitsPattern();
}
