using System.Numerics;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>
/// A table's rows as numbers: how many there are, and for each column a sum over all rows of a 64-bit hash of the value, seeded with the
/// hash of the row's key. It does not depend on the rows' order, and a value that sits in another row gives another sum.
/// </summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Columns">The sums, in the columns' order; null for a column with a value that cannot be compared.</param>
internal sealed record Fingerprint(long Rows, IReadOnlyList<BigInteger?> Columns)
{
    /// <summary>Computes the fingerprint inside PostgreSQL, in one statement and so on one snapshot.</summary>
    /// <param name="connection">An open connection with pinned settings.</param>
    /// <param name="rows">What follows <c>FROM</c>: the table, and the condition that chooses its rows.</param>
    /// <param name="values">The columns.</param>
    public static async Task<Fingerprint> OfAsync(
        NpgsqlConnection connection, string rows, IReadOnlyList<ComparedValue> values, CancellationToken cancellationToken)
    {
        try
        {
            return await SumAsync(connection, rows, values, cancellationToken);
        }
        catch (PostgresException fault) when (PostgresFault.IsOfData(fault))
        {
            var refused = new HashSet<ComparedValue>();
            foreach (var value in values)
                if (await IsRefusedAsync(connection, rows, value, cancellationToken))
                    refused.Add(value);
            if (refused.Count == 0)
                throw;
            var sums = await SumAsync(
                connection,
                rows,
                [.. values.Select(value => refused.Contains(value) ? value with { Text = value.AsItIs } : value)],
                cancellationToken);
            return sums with { Columns = [.. sums.Columns.Zip(values, (sum, value) => refused.Contains(value) ? null : sum)] };
        }
    }

    private static async Task<Fingerprint> SumAsync(
        NpgsqlConnection connection, string rows, IReadOnlyList<ComparedValue> values, CancellationToken cancellationToken)
    {
        // A length before each part keeps ('a', 'bc') and ('ab', 'c') apart.
        // A letter before each value, or instead of a part, keeps NULL and '' apart.
        var key = string.Join(
            " || ",
            values.Where(value => value.IsKey)
                .Select(value => $"coalesce(length({value.Text}) || ':' || {value.Text}, 'n')"));
        var columns = string.Concat(values.Select((value, index) => $", {value.Text} AS v{index}"));
        var sums = string.Concat(values.Select((_, index) =>
            $", coalesce(sum(hashtextextended(coalesce('v' || v{index}, 'n') COLLATE \"C\", key)), 0)"));
        // OFFSET 0 keeps the planner from computing the key's hash anew for each column.
        var sql = $"""
            SELECT count(*){sums} FROM (
                SELECT hashtextextended(({key}) COLLATE "C", 0) AS key{columns} FROM {rows} OFFSET 0) rows
            """;
        return await connection.SingleAsync(
            sql,
            row => new Fingerprint(row.GetInt64(0), [.. values.Select((_, index) => row.GetFieldValue<BigInteger>(index + 1))]),
            cancellationToken);
    }

    private static async Task<bool> IsRefusedAsync(
        NpgsqlConnection connection, string rows, ComparedValue value, CancellationToken cancellationToken)
    {
        try
        {
            await connection.ScalarAsync<long>($"SELECT count({value.Text}) FROM {rows}", cancellationToken);
            return false;
        }
        catch (PostgresException fault) when (PostgresFault.IsOfData(fault))
        {
            return true;
        }
    }
}
