using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Catalog;

/// <summary>The types that columns have in DMS's files, as DuckDB reads them (docs/dms-contract.md#postgresql-types).</summary>
public static class DmsFileTypes
{
    /// <summary>DuckDB's name for the type of a file's column; what is not named here is text.</summary>
    /// <param name="type">The OID of a base type, never of a domain.</param>
    /// <param name="modifier">Its length, precision or scale; −1 for none.</param>
    public static string Of(uint type, int modifier) => type switch
    {
        16 => "BOOLEAN",
        17 => "BLOB",
        20 => "BIGINT",
        21 => "SMALLINT",
        23 => "INTEGER",
        700 => "FLOAT",
        701 => "DOUBLE",
        790 => "DECIMAL(38,4)",
        1082 => "DATE",
        1083 or 1266 => "TIME",
        1114 or 1184 => "TIMESTAMP",
        1700 => NumericModifier.CarriedByDms(modifier) is { } digits ? $"DECIMAL{digits}" : "VARCHAR",
        _ => "VARCHAR",
    };
}
