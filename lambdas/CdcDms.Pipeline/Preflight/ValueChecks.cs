using System.Globalization;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;

namespace CdcDms.Pipeline.Preflight;

/// <summary>Values that DMS cuts or cannot carry (docs/dms-contract.md#postgresql-types, docs/dms-contract.md#large-objects).</summary>
internal static class ValueChecks
{
    public static IEnumerable<Finding> Numerics(SourceState source, CheckedTable table)
    {
        foreach (var column in table.Columns.Where(column => column is { IsUnboundedNumeric: true, IsGenerated: false }))
        {
            var measured = table.Measured.Numbers.TryGetValue(column.Name, out var digits);
            var reason = $"Column {column.Name} of table {table.Name} is a numeric without precision and scale, of which DMS carries 22 "
                + "digits before and 6 after the point";
            if (measured && digits.NotFinite)
                yield return Finding.WithoutSql(
                    FindingSeverity.Loses,
                    $"{reason}; a value is NaN or infinite.",
                    "Correct the value, and give the column a precision and scale.");
            else if (!measured || Wide(digits) is not { } type)
                // A scale below that of a value would round it.
                yield return Finding.WithoutSql(
                    measured ? FindingSeverity.Loses : FindingSeverity.Warns,
                    $"{reason}.",
                    "Give the column a precision and scale that hold every value.");
            else
                yield return TypeChange.Wider(
                    digits.Fit ? FindingSeverity.Warns : FindingSeverity.Loses,
                    reason + (digits.Fit ? "; no value has more today."
                        : string.Create(CultureInfo.InvariantCulture, $"; values have {digits.Before} and {digits.After}.")),
                    table.Facts.Quoted,
                    table.Alterable[column.Name],
                    type);
        }
    }

    public static IEnumerable<Finding> TooLarge(SourceState source, CheckedTable table)
    {
        foreach (var column in table.Columns.Where(column => table.Measured.Sizes.ContainsKey(column.Name)))
        {
            var bytes = table.Measured.Sizes[column.Name];
            var limit = column.IsUnboundedVarchar
                ? source.Settings.VarcharBytes : source.Settings.LobBytes(table.Definition);
            if (bytes <= limit)
                continue;
            var kilobytes = (bytes + 1023) / 1024;
            var setting = column.IsUnboundedVarchar ? "replication.lobKilobytes" : "lobKilobytes of the table";
            yield return Finding.WithoutSql(
                column.IsUnboundedVarchar ? FindingSeverity.Loses : FindingSeverity.Blocks,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Column {column.Name} of table {table.Name} has a value of {kilobytes:N0} KB as DMS counts it, and the limit is ")
                + string.Create(CultureInfo.InvariantCulture, $"{limit / 1024:N0} KB: ")
                + (column.IsUnboundedVarchar ? "DMS cuts it." : "the task fails there."),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Set {setting} to at least {kilobytes} in the environment file, or list the column in leaveOut."));
        }
    }

    public static IEnumerable<Finding> LargeObjects(SourceState source, CheckedTable table) =>
        table.Columns.Where(column => column.BaseTypeName is "oid" or "lo").Select(column => Finding.WithoutSql(
            FindingSeverity.Warns,
            $"Column {column.Name} of table {table.Name} has the type {column.Type}; a large object that it names is not migrated.",
            "If it names large objects, move them into a bytea column."));

    public static IEnumerable<Finding> NotMeasured(SourceState source) =>
        source.Tables.Where(table => table.Measured.Failure is not null)
            .GroupBy(table => table.Measured.Failure!, table => table.Name.ToString())
            .Select(same => Finding.WithoutSql(
                FindingSeverity.Warns,
                $"Values of {Named.Of([.. same])} were not measured: {same.Key.TrimEnd('.')}.",
                "Run preflight again when that is cured, or measure them yourself: max(octet_length(…)) of each text, json, array and "
                + "bytea column, max(scale(…)) of each numeric.") with
            {
                Table = same.Count() == 1 ? same.First() : null,
            });

    // From 39 digits on DMS carries a numeric as text, whole.
    private static string? Wide(MeasuredDigits digits)
    {
        var scale = Math.Max(digits.After, NumericModifier.UnboundedByDms.Scale);
        var precision = Math.Max(digits.Before + scale, NumericModifier.MostDigitsOfDms);
        return precision <= NumericModifier.MostDigits ? $"numeric{new NumericModifier(precision, scale)}" : null;
    }
}
