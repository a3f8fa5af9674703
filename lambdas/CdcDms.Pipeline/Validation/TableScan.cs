using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>Reads one side of a comparison, range by range: each statement is short, and memory does not grow with the table.</summary>
internal sealed class TableScan
{
    private readonly NpgsqlConnection _connection;
    private readonly CatalogTable _table;
    private readonly IReadOnlyList<TablePart> _parts;
    private readonly SettledMarker? _settled;
    private readonly List<TableRange> _ranges = [];

    private TableScan(NpgsqlConnection connection, CatalogTable table, IReadOnlyList<TablePart> parts, SettledMarker? settled) =>
        (_connection, _table, _parts, _settled) = (connection, table, parts, settled);

    /// <summary>Looks at the table as it is now.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="table">The table.</param>
    /// <param name="settled">The marker of which the server must know in each statement; null for none.</param>
    public static async Task<TableScan> BeginAsync(
        NpgsqlConnection connection, CatalogTable table, SettledMarker? settled, CancellationToken cancellationToken) =>
        new(connection, table, await TablePart.FindAsync(connection, table, cancellationToken), settled);

    /// <summary>About how many rows there are, as the server's last ANALYZE has it; 0 when nobody knows.</summary>
    public Task<long> ExpectedRowsAsync(CancellationToken cancellationToken) => _connection.ScalarAsync<long>(
        "SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint FROM pg_class WHERE oid::bigint = ANY ($1)",
        cancellationToken, _parts.Select(part => part.Oid).ToArray());

    /// <summary>Sums all rows up. The ranges found here are those that the other reads use.</summary>
    /// <param name="sql">The statements.</param>
    /// <param name="values">The columns.</param>
    /// <param name="sums">Where to.</param>
    /// <param name="rangeBytes">Bytes of a range.</param>
    /// <param name="report">Is called after each range.</param>
    public async Task SumAsync(
        ScanSql sql, IReadOnlyList<ComparedValue> values, BucketSums sums, long rangeBytes, Action report,
        CancellationToken cancellationToken)
    {
        foreach (var part in _parts)
            foreach (var range in await part.RangesAsync(_connection, rangeBytes, cancellationToken))
            {
                var (read, ofRange) = await ReadAsync(sql, values, range, cancellationToken);
                _ranges.Add(read);
                ofRange.ForEach(sums.Add);
                report();
            }
    }

    /// <summary>Reads the hashes of the rows in some buckets.</summary>
    public async Task ReadHashesAsync(ScanSql sql, byte[] buckets, Action<RowHash> add, CancellationToken cancellationToken)
    {
        foreach (var (index, range) in _ranges.Index())
            await foreach (var row in QueryAsync(
                sql.Hashes(range), row => new RowHash(row.GetInt64(0), row.GetInt64(1), index), cancellationToken, buckets))
                add(row);
    }

    /// <summary>Reads what is told of some rows, by their hashes. A row that is not there any more is left out.</summary>
    /// <param name="sql">The statements.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="withValues">Whether the values are wanted as well as the key.</param>
    public async Task<IReadOnlyDictionary<(long Key, long Row), RowDetail>> ReadDetailsAsync(
        ScanSql sql, IEnumerable<RowHash> rows, bool withValues, CancellationToken cancellationToken)
    {
        var details = new Dictionary<(long, long), RowDetail>();
        foreach (var range in rows.GroupBy(row => row.Range))
        {
            var wanted = range.Select(row => (row.Key, row.Row)).ToHashSet();
            await foreach (var (key, detail) in QueryAsync(
                sql.Details(_ranges[range.Key]), RowDetail.Read, cancellationToken,
                range.Select(row => row.Key).Distinct().ToArray(), withValues))
                if (wanted.Contains(key))
                    details[key] = detail;
        }

        return details;
    }

    /// <summary>Whether rows have moved, or gone, as a whole since the scan began: then what it read may be of two tables.</summary>
    public async Task<bool> IsOutdatedAsync(CancellationToken cancellationToken) =>
        !_parts.SequenceEqual(await TablePart.FindAsync(_connection, _table, cancellationToken));

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
            var refused = new HashSet<string>();
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
        _settled is null
            ? _connection.QueryAsync(sql, read, cancellationToken, parameters)
            : _settled.QueryAsync(_connection, sql, read, cancellationToken, parameters);

    private async Task<bool> IsRefusedAsync(
        ScanSql sql, ComparedValue value, TableRange range, CancellationToken cancellationToken)
    {
        try
        {
            await _connection.ScalarAsync<long>(sql.Read(range, value), cancellationToken);
            return false;
        }
        catch (PostgresException fault) when (PostgresFault.IsOfData(fault))
        {
            return true;
        }
    }
}
