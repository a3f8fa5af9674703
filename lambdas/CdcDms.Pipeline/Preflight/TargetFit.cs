using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Evolution;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Preflight;

/// <summary>Whether the target's columns can take what the source's hold, by the rule by which the merge parks a table.</summary>
internal static class TargetFit
{
    private static readonly string[] Texts = ["text", "varchar", "bpchar", "citext", "name"];
    private static readonly string[] TextTypes = ["text", "character varying", "character", "name"];

    public static IEnumerable<Finding> Of(CheckedTarget target, IReadOnlyList<TargetColumn> columns, CheckedTable source)
    {
        foreach (var column in columns)
            // A merge may have added the column meanwhile.
            if (source.Columns.FirstOrDefault(one => one.Name == column.From) is { } from
                && target.Alterable.TryGetValue(column.To, out var held)
                && OfType(target, column, held, from) is { } finding)
                yield return finding.Of("target-types");
    }

    private static Finding? OfType(CheckedTarget target, TargetColumn column, AlterableColumn held, TableColumn from)
    {
        var (which, what) = ($"Column {column.To} of the target {target.Name}", $"{target.Definition.Source}.{from.Name}");
        var fileType = DmsFileTypes.Of(from.BaseType, from.Modifier);
        switch (ColumnFit.Of(fileType, column))
        {
            case ColumnFit.Loses when !column.TypeIsGiven:
            // No text is cast to bytes, whatever a definition asks for.
            case ColumnFit.Fits when fileType is "VARCHAR" && column.HoldsBytes:
                return TypeChange.Other(
                    FindingSeverity.Blocks,
                    $"{which} is {held.Type}, which cannot hold every {from.Type} of {what} unchanged: the merge parks the table.",
                    target.Quoted,
                    held,
                    from.AnalyticsType,
                    IsWhole(held, from));
            case ColumnFit.Widens wider when held.Impossible is not null || held.Users.Count > 0:
                var type = $"{wider.Type}{wider.Digits}";
                return TypeChange.Wider(
                    FindingSeverity.Blocks,
                    $"{which} is {held.Type}, and {what} is {from.Type}: the merge has to make it {type}, which PostgreSQL refuses here, "
                    + "and parks the table.",
                    target.Quoted,
                    held,
                    type);
            case ColumnFit.Fits when TargetWidth.Wanted(from, held) is { } wanted && !(wanted.IsRounded && column.TypeIsGiven):
                var isText = held.BaseTypeName is "varchar" or "bpchar" or "name";
                return TypeChange.Wider(
                    column.IsKey && isText ? FindingSeverity.Blocks : FindingSeverity.Loses,
                    $"{which} is {held.Type}, and {what} is {from.Type}: "
                    + (column.IsKey && isText ? "a longer key fails its batch."
                        : wanted.IsRounded ? "what is beyond is cut or rounded."
                        : "a row with a larger value is put into the quarantine."),
                    target.Quoted,
                    held,
                    wanted.Type);
            default:
                return Texts.Contains(from.BaseTypeName) && !TextTypes.Contains(column.Type)
                    ? Finding.WithoutSql(
                        FindingSeverity.Warns,
                        $"{which} is {column.Type}, and {what} is {from.Type}: a row whose text is no {column.Type} is put into the "
                        + "quarantine.",
                        "Give the target's column the type text unless every value fits.")
                    : null;
        }
    }

    // Whether each value of the target's column is one of the source's type: the rows that are there must not fail or be cut.
    private static bool IsWhole(AlterableColumn held, TableColumn from) => (held.BaseTypeName, from.BaseTypeName) switch
    {
        (_, "text") => true,
        ("date", "timestamp" or "timestamptz") => true,
        ("int2" or "int4", "float8") => true,
        (var integer, "numeric") when TargetWidth.DigitsOf(integer) is { } digits =>
            NumericModifier.Read(from.Modifier) is not var (precision, scale) || precision - scale >= digits,
        _ => false,
    };
}
