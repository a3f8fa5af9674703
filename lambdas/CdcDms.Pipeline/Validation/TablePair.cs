using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>Two tables that are compared over two connections, and the expressions by which.</summary>
internal sealed class TablePair
{
    // hash_record_extended came with PostgreSQL 14.
    private const int HashesRecords = 14;

    // Moving a row from one process to another costs little beside hashing the row: so PostgreSQL uses as many processors as it may. The
    // sums of all buckets of a range stay in memory.
    private const string Session = """
        SELECT set_config('parallel_tuple_cost', '0', false),
            set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')), 64 << 20) / 1024 || 'kB', false)
        """;

    private readonly NpgsqlConnection _source;
    private readonly NpgsqlConnection _target;
    private readonly ScanLimits _limits;
    private readonly bool _hashesRecords;
    private readonly IReadOnlyList<ComparedValue> _sourceValues;
    private readonly IReadOnlyList<ComparedValue> _targetValues;

    private TablePair(
        NpgsqlConnection source, NpgsqlConnection target, ComparedTables tables, ScanLimits limits,
        (IReadOnlyList<ComparedValue> Source, IReadOnlyList<ComparedValue> Target) values)
    {
        (_source, _target, Tables, _limits, (_sourceValues, _targetValues)) = (source, target, tables, limits, values);
        _hashesRecords = limits.MayHashRecords
            && Math.Min(source.PostgreSqlVersion.Major, target.PostgreSqlVersion.Major) >= HashesRecords;
    }

    /// <summary>Both tables.</summary>
    public ComparedTables Tables { get; }

    /// <summary>Finds the expressions, and sets the sessions up.</summary>
    public static async Task<TablePair> OpenAsync(
        NpgsqlConnection source, NpgsqlConnection target, ComparedTables tables, ScanLimits limits, CancellationToken cancellationToken)
    {
        foreach (var connection in (NpgsqlConnection[])[source, target])
            await connection.ExecuteAsync(Session, cancellationToken);
        return new TablePair(
            source, target, tables, limits, await ComparedValues.FindAsync(source, target, tables, cancellationToken));
    }

    /// <summary>Looks at both tables as they are now.</summary>
    /// <param name="sourceReads">How each statement is read at the source.</param>
    /// <param name="targetReads">
    /// How each statement is read in analytics; called once the ranges are known: a snapshot from before a table was rewritten finds none
    /// of its rows.
    /// </param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<ComparisonSides> BeginAsync(
        IRowReads sourceReads, Func<Task<IRowReads>> targetReads, CancellationToken cancellationToken)
    {
        var source = await TableRanges.FindAsync(_source, Tables.Source, _limits.RangeBytes, cancellationToken);
        var target = await TableRanges.FindAsync(_target, Tables.Target, _limits.RangeBytes, cancellationToken);
        var buckets = _limits.Buckets ?? BucketSums.CountFor(Math.Max(source.Bytes, target.Bytes));
        return Sides(
            buckets, (sourceReads, new ScanPosition(source.Ranges, 0)), (await targetReads(), new ScanPosition(target.Ranges, 0)));
    }

    /// <summary>Goes on with tables that were looked at before.</summary>
    /// <param name="buckets">The number of buckets.</param>
    /// <param name="source">How each statement is read at the source, and how far the source is read.</param>
    /// <param name="target">The same of analytics.</param>
    public ComparisonSides Sides(
        int buckets, (IRowReads Reads, ScanPosition Position) source, (IRowReads Reads, ScanPosition Position) target) => new(
            buckets,
            new ComparedSide(
                new TableScan(_source, Tables.Source, source.Reads, source.Position), _sourceValues, SqlOf(_sourceValues, null, buckets)),
            new ComparedSide(
                new TableScan(_target, Tables.Target, target.Reads, target.Position),
                _targetValues,
                SqlOf(_targetValues, Tables.TargetCondition, buckets)));

    /// <summary>What the statements read, and of which types: what was read by other ones cannot be gone on with.</summary>
    public string Shape(ComparisonSides sides) => string.Join(
        '\n',
        [
            sides.Source.Sql.Shape, sides.Target.Sql.Shape,
            .. Tables.Source.Columns.Concat(Tables.Target.Columns).Select(column => $"{column.Name} {column.StoredType}"),
        ]);

    private ScanSql SqlOf(IReadOnlyList<ComparedValue> values, string? condition, int buckets) =>
        new(values, condition, buckets, _hashesRecords);
}
