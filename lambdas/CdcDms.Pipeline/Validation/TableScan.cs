using System.Diagnostics;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>
/// Reads one side of a comparison in passes over its ranges: each statement is short, and memory does not grow with the table. A pass may
/// end after any range, and go on with the next one later, over another connection.
/// </summary>
/// <param name="connection">The database.</param>
/// <param name="table">The table.</param>
/// <param name="reads">How each statement is read.</param>
/// <param name="position">How far the table is read.</param>
internal sealed class TableScan(NpgsqlConnection connection, CatalogTable table, IRowReads reads, ScanPosition position)
{
    private readonly TableRange[] _ranges = [.. position.Ranges];
    private int _next = position.Next;

    /// <summary>How far the table is read by now.</summary>
    public ScanPosition Position => new(_ranges, _next);

    /// <summary>About how many rows there are, as the server's last ANALYZE has it; 0 when nobody knows.</summary>
    public Task<long> ExpectedRowsAsync(CancellationToken cancellationToken) => connection.ScalarAsync<long>(
        "SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint FROM pg_class WHERE oid::bigint = ANY ($1)",
        cancellationToken, Parts(_ranges).Select(part => part.Oid).ToArray());

    /// <summary>Begins another pass.</summary>
    public void Rewind() => _next = 0;

    /// <summary>Sums rows up.</summary>
    /// <param name="sql">The statements.</param>
    /// <param name="values">The columns.</param>
    /// <param name="sums">Where to.</param>
    /// <param name="pace">How long to go on.</param>
    /// <param name="report">Is called after each range.</param>
    /// <param name="cancellationToken">Ends the pass; what was read of a range by then is in no sum.</param>
    /// <returns>Whether the pass has come to its end.</returns>
    public Task<bool> SumAsync(
        ScanSql sql, IReadOnlyList<ComparedValue> values, BucketSums sums, ScanPace pace, Action report,
        CancellationToken cancellationToken) => PassAsync(
            pace,
            async index =>
            {
                var (read, ofRange) = await ReadAsync(sql, values, _ranges[index], cancellationToken);
                _ranges[index] = read;
                ofRange.ForEach(sums.Add);
                report();
            },
            cancellationToken);

    /// <summary>Reads the hashes of the rows in some buckets.</summary>
    /// <inheritdoc cref="SumAsync"/>
    public Task<bool> ReadHashesAsync(
        ScanSql sql, byte[] buckets, Action<RowHash> add, ScanPace pace, CancellationToken cancellationToken) => PassAsync(
            pace,
            async index =>
            {
                await foreach (var row in QueryAsync(
                    sql.Hashes(_ranges[index]), row => new RowHash(row.GetInt64(0), row.GetInt64(1), index), cancellationToken, buckets))
                    add(row);
            },
            cancellationToken);

    /// <summary>Reads what is told of some rows, by their hashes. A row that is not there any more is left out.</summary>
    /// <param name="sql">The statements.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="buckets">Buckets in which the rows are, one bit each.</param>
    /// <param name="withValues">Whether the values are wanted as well as the key.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public async Task<IReadOnlyDictionary<(long Key, long Row), RowDetail>> ReadDetailsAsync(
        ScanSql sql, IEnumerable<RowHash> rows, byte[] buckets, bool withValues, CancellationToken cancellationToken)
    {
        var details = new Dictionary<(long, long), RowDetail>();
        foreach (var range in rows.GroupBy(row => row.Range))
        {
            var wanted = range.Select(row => (row.Key, row.Row)).ToHashSet();
            await foreach (var (key, detail) in QueryAsync(
                sql.Details(_ranges[range.Key]), RowDetail.Read, cancellationToken,
                range.Select(row => row.Key).Distinct().ToArray(), withValues, buckets))
                if (wanted.Contains(key))
                    details[key] = detail;
        }

        return details;
    }

    /// <summary>
    /// Whether rows have moved, or gone, as a whole since the comparison began: then what was read may be of two tables.
    /// </summary>
    public async Task<bool> IsOutdatedAsync(CancellationToken cancellationToken)
    {
        var now = await TableRanges.FindAsync(connection, table, long.MaxValue, cancellationToken);
        return !Parts(_ranges).SequenceEqual(Parts(now.Ranges));
    }

    private static IEnumerable<TablePart> Parts(IEnumerable<TableRange> ranges) => ranges.Select(range => range.Part).Distinct();

    // A range counts as read once its statement has ended: one that fails has given nothing.
    private async Task<bool> PassAsync(ScanPace pace, Func<int, Task> readAsync, CancellationToken cancellationToken)
    {
        while (_next < _ranges.Length)
        {
            if (!pace.MayGoOn())
                return false;
            var began = Stopwatch.GetTimestamp();
            await readAsync(_next);
            if (++_next < _ranges.Length)
                await pace.RestAsync(began, cancellationToken);
        }

        return true;
    }

    // The rows of a group come only when all were read: a range whose statement fails has given none.
    private async Task<(TableRange Read, List<BucketSum> Sums)> ReadAsync(
        ScanSql sql, IReadOnlyList<ComparedValue> values, TableRange range, CancellationToken cancellationToken)
    {
        try
        {
            return (range, await SumsAsync(sql, range, cancellationToken));
        }
        catch (PostgresException fault) when (PostgresFault.IsOfData(fault) && range.Refused.Count == 0)
        {
            var refused = new List<string>();
            foreach (var value in values)
                if (value.Unconverted is not null && await IsRefusedAsync(sql, value, range, cancellationToken))
                    refused.Add(value.Name);
            if (refused.Count == 0)
                throw;
            var read = range with { Refused = refused };
            return (read, await SumsAsync(sql, read, cancellationToken));
        }
    }

    private async Task<List<BucketSum>> SumsAsync(ScanSql sql, TableRange range, CancellationToken cancellationToken) =>
        await QueryAsync(
            sql.Sums(range),
            row => new BucketSum(row.GetInt32(0), row.GetInt64(1), row.GetDecimal(2)),
            cancellationToken).ToListAsync(cancellationToken);

    private IAsyncEnumerable<T> QueryAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object?[] parameters) =>
        reads.QueryAsync(connection, sql, read, cancellationToken, parameters);

    private async Task<bool> IsRefusedAsync(
        ScanSql sql, ComparedValue value, TableRange range, CancellationToken cancellationToken)
    {
        try
        {
            await QueryAsync(sql.Read(range, value), row => row.GetInt64(0), cancellationToken).SingleAsync(cancellationToken);
            return false;
        }
        catch (PostgresException fault) when (PostgresFault.IsOfData(fault))
        {
            return true;
        }
    }
}
