using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>What is told of a row that differs.</summary>
/// <param name="Columns">A hash of each column, in the columns' order.</param>
/// <param name="Key">The texts of the key's columns.</param>
/// <param name="Values">The texts of all columns; null where nobody wants them.</param>
internal sealed record RowDetail(long[] Columns, string?[] Key, string?[]? Values)
{
    /// <summary>Reads a row of <see cref="ScanSql.Details"/>, with its hashes.</summary>
    public static ((long Key, long Row) Hashes, RowDetail Detail) Read(NpgsqlDataReader row) => (
        (row.GetInt64(0), row.GetInt64(1)),
        new RowDetail(
            row.GetFieldValue<long[]>(2),
            row.GetFieldValue<string?[]>(3),
            row.IsDBNull(4) ? null : row.GetFieldValue<string?[]>(4)));
}
