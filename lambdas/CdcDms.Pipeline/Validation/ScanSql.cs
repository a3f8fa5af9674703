namespace CdcDms.Pipeline.Validation;

/// <summary>The statements that scan one side of a comparison.</summary>
/// <param name="values">The columns.</param>
/// <param name="condition">Which rows count; null for all.</param>
/// <param name="buckets">How many buckets keys are sorted into: a power of two, the same on both sides.</param>
/// <param name="hashesRecords">
/// Whether both servers hash records (PostgreSQL 14 and newer). Else the hash is one of a text, with other numbers: both sides must use the
/// same.
/// </param>
internal sealed class ScanSql(IReadOnlyList<ComparedValue> values, string? condition, int buckets, bool hashesRecords)
{
    // As much of a value as a person reads. A key is told wholly: by it the row is found.
    private const int ToldLetters = 1000;

    private static readonly TableRange AnyRange = new(new TablePart(0, "", 0), 0, null);

    /// <summary>What the statements read, without the range.</summary>
    public string Shape => $"{Sums(AnyRange)}\n{KeyHash(AnyRange)}";

    /// <summary>For each bucket of the range's rows: number, rows, sum of the rows' hashes.</summary>
    // OFFSET 0 hides from the planner that as many groups as keys are possible: for so many it would sort, or never use two processors.
    public string Sums(TableRange range) => $"""
        SELECT bucket, count(*), sum(hash) FROM (
            SELECT {Bucket(range)} AS bucket, {RowHash(range)} AS hash FROM {Rows(range)} OFFSET 0) rows
        GROUP BY bucket
        """;

    /// <summary>Key hash and row hash of the rows in the buckets of which the bit is set in <c>$1</c> (a bytea).</summary>
    public string Hashes(TableRange range) =>
        $"SELECT {KeyHash(range)}, {RowHash(range)} FROM {Rows(range, InBuckets(range, 1))}";

    /// <summary>
    /// Of the rows with the key hashes <c>$1</c>: key hash, row hash, a hash of each column, the texts of the key's columns and, where
    /// <c>$2</c> is true, of all columns. The rows are in the buckets of <c>$3</c>: where a bucket is sooner computed than the hash of a
    /// key, the others are not hashed.
    /// </summary>
    public string Details(TableRange range) => $"""
        SELECT {KeyHash(range)}, {RowHash(range)}, ARRAY[{Join(values.Select(value => Hash(Of(value, range))))}]::bigint[],
            ARRAY[{Join(Keys.Select(value => value.Text))}], CASE WHEN $2 THEN ARRAY[{Join(values.Select(Told))}] END
        FROM {Rows(range, [.. QuickBuckets(range, 3), $"{KeyHash(range)} IN (SELECT unnest($1::bigint[]))"])}
        """;

    /// <summary>Reads all values of a column, and fails where one is refused.</summary>
    public string Read(TableRange range, ComparedValue value) => $"SELECT count({value.Value}) FROM {Rows(range)}";

    private IEnumerable<ComparedValue> Keys => values.Where(value => value.IsKey);

    private ComparedValue? IntegerKey => Keys.ToList() is [{ IsInteger: true } key] ? key : null;

    // PostgreSQL's hash of an integer folds 64 bits to 32 first: too few to tell keys apart, enough to spread them.
    private string Bucket(TableRange range)
    {
        var hash = IntegerKey is { } key ? $"coalesce(hashint8extended({key.Value}, 0), 0)" : KeyHash(range);
        return $"({hash} & {buckets - 1})::integer";
    }

    private IEnumerable<string> QuickBuckets(TableRange range, int parameter) =>
        IntegerKey is null ? [] : [InBuckets(range, parameter)];

    private string InBuckets(TableRange range, int parameter) => $"get_bit(${parameter}::bytea, {Bucket(range)}) = 1";

    private string KeyHash(TableRange range) =>
        Hash(Join(Keys.Select(value => IsRefused(value, range) ? value.Unconverted! : value.KeyValue)));

    private string RowHash(TableRange range) => Hash(Join(values.Select(value => Of(value, range))));

    // What a record sends has the length of each part before it, and tells NULL from an empty text. Texts are sent as UTF-8, whatever the
    // server's encoding is.
    private string Hash(string parts) => hashesRecords
        ? $"hash_record_extended(ROW(record_send(ROW({parts}))), 0)"
        : $"hashtextextended(encode(record_send(ROW({parts})), 'hex') COLLATE \"C\", 0)";

    private string Rows(TableRange range, params IEnumerable<string> conditions)
    {
        var all = range.Conditions().Concat(condition is null ? [] : [condition]).Concat(conditions).ToList();
        return range.Part.Rows + (all.Count == 0 ? "" : $" WHERE {string.Join(" AND ", all)}");
    }

    private static bool IsRefused(ComparedValue value, TableRange range) => range.Refused.Contains(value.Name);

    private static string Of(ComparedValue value, TableRange range) => IsRefused(value, range) ? value.Unconverted! : value.Value;

    private static string Told(ComparedValue value) => $"left({value.Text}, {ToldLetters})";

    private static string Join(IEnumerable<string> parts) => string.Join(", ", parts);
}
