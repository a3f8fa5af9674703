using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;

namespace CdcDms.Local.ChangeFiles;

/// <summary>
/// The types that DMS gives to PostgreSQL's (docs/dms-contract.md#postgresql-types), with MapBooleanAsBoolean. What is not named here is
/// text in PostgreSQL's own form.
/// </summary>
/// <remarks>
/// Lost on the way, as with DMS: digits of an undeclared numeric beyond six decimals, time below the millisecond and the zone of timetz,
/// infinite dates.
/// </remarks>
internal static class DmsTypes
{
    /// <summary>The column for a PostgreSQL type: the OID of a base type (never a domain) and its modifier, -1 for none.</summary>
    public static FileColumn Column(string name, uint type, int modifier) => type switch
    {
        16 => Of(name, TextForm.Boolean),
        17 => Of(name, TextForm.Bytes),
        20 => Of(name, TextForm.BigInt),
        21 => Of(name, TextForm.SmallInt),
        23 => Of(name, TextForm.Integer),
        700 => Of(name, TextForm.Real),
        701 => Of(name, TextForm.Double),
        790 => Decimal(name, 38, 4),
        1042 => Of(name, TextForm.PaddedText),
        1082 => Of(name, TextForm.Date),
        1083 or 1266 => Of(name, TextForm.Time),
        1114 or 1184 => Of(name, TextForm.Timestamp),
        1186 => Of(name, TextForm.Interval),
        1700 => Numeric(name, modifier),
        _ => Of(name, TextForm.Text),
    };

    private static FileColumn Of(string name, TextForm form) => new() { Name = name, Form = form };

    private static FileColumn Decimal(string name, int precision, int scale) =>
        new() { Name = name, Form = TextForm.Decimal, Precision = precision, Scale = scale };

    private static FileColumn Numeric(string name, int modifier) => NumericModifier.CarriedByDms(modifier) is var (precision, scale)
        ? Decimal(name, precision, scale)
        : Of(name, TextForm.Text);

    /// <summary>Refuses names that a reader of the file could not tell apart.</summary>
    /// <exception cref="CdcDmsException">Two columns differ by case alone, or a column has a name of DMS's own.</exception>
    public static void CheckNames(string table, IReadOnlyList<FileColumn> columns)
    {
        string[] ofDms = [ChangeColumns.Operation, ChangeColumns.Timestamp, ChangeColumns.Sequence];
        var seen = new HashSet<string>(ofDms, StringComparer.OrdinalIgnoreCase);
        if (columns.FirstOrDefault(column => !seen.Add(column.Name)) is { } twice)
            throw new CdcDmsException(ErrorKind.BadDefinition,
                $"Table {table} has a column {twice.Name} whose name differs from another column's, "
                + "or from one that DMS adds, at most by case; rename it at the source.");
    }
}
