using System.Numerics;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>
/// A table's rows as numbers: how many there are, and for each column a sum over all rows of a 64-bit hash of the value, seeded with the
/// hash of the row's key. It does not depend on the rows' order, and a value that sits in another row gives another sum.
/// </summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Columns">The sums, in the columns' order.</param>
internal sealed record Fingerprint(long Rows, IReadOnlyList<BigInteger> Columns)
{
    /// <summary>Computes the fingerprint inside PostgreSQL, in one statement and so on one snapshot.</summary>
    /// <param name="connection">An open connection with pinned settings.</param>
    /// <param name="table">The table.</param>
    /// <param name="key">Expressions of the key's columns, as text.</param>
    /// <param name="values">Expressions of all columns, as text.</param>
    /// <param name="where">The condition that chooses the rows.</param>
    public static async Task<Fingerprint> OfAsync(
        NpgsqlConnection connection, TableName table, IReadOnlyList<string> key, IReadOnlyList<string> values, string where,
        CancellationToken cancellationToken)
    {
        // A length before each part keeps ('a', 'bc') and ('ab', 'c') apart.
        // A letter before each value, or instead of a part, keeps NULL and '' apart.
        var keyText = string.Join(" || ", key.Select(part => $"coalesce(length({part}) || ':' || {part}, 'n')"));
        var columns = string.Concat(values.Select((value, index) => $", {value} AS v{index}"));
        var sums = string.Concat(values.Select((_, index) =>
            $", coalesce(sum(hashtextextended(coalesce('v' || v{index}, 'n') COLLATE \"C\", key)), 0)"));
        // OFFSET 0 keeps the planner from computing the key's hash anew for each column.
        var sql = $"""
            SELECT count(*){sums} FROM (
                SELECT hashtextextended(({keyText}) COLLATE "C", 0) AS key{columns}
                FROM {Sql.Identifier(table)} WHERE {where} OFFSET 0) rows
            """;
        return await connection.SingleAsync(
            sql,
            row => new Fingerprint(row.GetInt64(0), [.. values.Select((_, index) => row.GetFieldValue<BigInteger>(index + 1))]),
            cancellationToken);
    }
}
