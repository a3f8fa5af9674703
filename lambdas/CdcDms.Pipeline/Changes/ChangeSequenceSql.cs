using System.Globalization;
using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.DuckDb;

namespace CdcDms.Pipeline.Changes;

/// <summary>A row's place in the order of its generation, as an expression of DuckDB over the row of a file.</summary>
internal static class ChangeSequenceSql
{
    /// <summary>Where the row stands in its file; added by DuckDB.</summary>
    public const string RowNumber = "file_row_number";

    /// <summary>The sequence of a row, once it is known; no column of a file may have this name.</summary>
    public const string Known = "cdcdms_sequence";

    // A number of as many digits as a sequence has.
    private const string LongNumber = "10000000000000000000000000000000000::HUGEINT";

    // 19 digits of counter follow 16 of time, as in a sequence that DMS makes.
    private const string CounterRange = "10000000000000000000::HUGEINT";

    /// <summary>The expression for files of a kind.</summary>
    /// <param name="kind">What the rows are.</param>
    /// <param name="files">The files, in the order in which DuckDB numbers them.</param>
    /// <param name="types">The files' columns with their types.</param>
    public static string Of(ChangeKind kind, IReadOnlyList<FetchedFile> files, IReadOnlyDictionary<string, string> types) => kind switch
    {
        ChangeKind.Stream { Ordering: ChangeOrdering.ChangeSequence } => $"TRY_CAST({Column} AS HUGEINT)",
        ChangeKind.Stream => ByTimestamp(files, types[ChangeColumns.Timestamp]),
        ChangeKind.Feed { OrderBy: { } column } => ByColumn(DuckDbSql.Identifier(column), types[column], files),
        ChangeKind.Feed => ByFile(files),
        _ => "0::HUGEINT",
    };

    /// <summary>Whether the time of a commit can be read from a column of this type.</summary>
    public static bool IsTime(string fileType) =>
        fileType is "VARCHAR" or "DATE" || fileType.StartsWith("TIMESTAMP", StringComparison.Ordinal);

    /// <summary>The commit time that a row tells; NULL for what is none, or is of no year from 1 to 9999.</summary>
    /// <param name="fileType">The type of the column that tells the time.</param>
    public static string Time(string fileType)
    {
        var time = fileType is "VARCHAR" ? OfText : $"TRY_CAST({Timestamp} AS TIMESTAMP)";
        return $"CASE WHEN {time} >= TIMESTAMP '0001-01-01' AND {time} < TIMESTAMP '10000-01-01' THEN {time} END";
    }

    // A cast to TIMESTAMP passes over an offset from UTC; one to TIMESTAMPTZ does not, and takes seven times as long. Times without an
    // offset have 19, 23 or 26 bytes, of those with one only 12:34:56.789+01 and the like.
    private static string OfText { get; } =
        $"CASE WHEN strlen({Timestamp}) NOT IN (19, 23, 26) OR contains({Timestamp}, '+') OR {Timestamp} LIKE '%.%-%' "
        + $"THEN TRY_CAST(TRY_CAST({Timestamp} AS TIMESTAMPTZ) AS TIMESTAMP) ELSE TRY_CAST({Timestamp} AS TIMESTAMP) END";

    /// <summary>
    /// <see cref="Known"/> itself, or NULL where it was read from a text that is no sequence. A text as long as a sequence whose number has
    /// as many digits has no room for a sign, a point or a blank, so only the others are looked at character by character.
    /// </summary>
    public static string Checked(ChangeKind kind) => kind is not ChangeKind.Stream { Ordering: ChangeOrdering.ChangeSequence }
        ? Known
        : $"CASE WHEN strlen({Column}) = {ChangeSequence.Digits} AND {Known} >= {LongNumber} AND NOT contains({Column}, 'e') "
            + $"AND NOT contains({Column}, 'E') THEN {Known} "
            + $"WHEN regexp_full_match({Column}, '[0-9]{{{ChangeSequence.Digits}}}') THEN {Known} END";

    private static string Column => DuckDbSql.Identifier(ChangeColumns.Sequence);

    private static string Timestamp => DuckDbSql.Identifier(ChangeColumns.Timestamp);

    // Sixteen digits of commit time; then four of microseconds, nine of milliseconds from the commit to the file (eleven days), and six
    // of the row's number in the file.
    private static string ByTimestamp(IReadOnlyList<FetchedFile> files, string timeType)
    {
        var time = $"({Time(timeType)})";
        return $"((strftime({time}, '%Y%m%d%H%M%S')::HUGEINT * 100 + microsecond({time}) % 1000000 // 10000) * {CounterRange}"
            + $" + (microsecond({time}) % 10000)::HUGEINT * 1000000000000000"
            + $" + greatest(0, least(999999999, {FileTime(files)} - epoch_ms({time})))::HUGEINT * 1000000 + least({RowNumber}, 999999))";
    }

    // The column's value with three digits more for nanoseconds, then twelve of hundredths of a second of the file's time.
    private static string ByColumn(string column, string type, IReadOnlyList<FetchedFile> files) =>
        $"{Number(column, type)} * 1000000000000 + 9223372036854775808::HUGEINT * 1000000000000000 + {FileTime(files)} // 10";

    // Thirteen digits of milliseconds of the file's time; ten of seconds for when it was written, so that one written anew under its name
    // counts; five of a hash of its key, which means nothing but breaks a tie always in the same way; seven of rows.
    private static string ByFile(IReadOnlyList<FetchedFile> files) =>
        $"{FileTime(files)}::HUGEINT * 10000000000000000000000 + {WriteTime(files)}::HUGEINT * 1000000000000"
        + $" + ({FileHash(files)})::HUGEINT * 10000000 + least({RowNumber}, 9999999)";

    private static string Number(string column, string type) => type switch
    {
        "DATE" => $"epoch_us(TRY_CAST({column} AS TIMESTAMP))::HUGEINT * 1000",
        "TIMESTAMP_NS" => $"epoch_ns({column})::HUGEINT",
        _ when type.StartsWith("TIMESTAMP", StringComparison.Ordinal) => $"epoch_us({column})::HUGEINT * 1000",
        "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "UTINYINT" or "USMALLINT" or "UINTEGER" => $"{column}::HUGEINT * 1000",
        _ => throw new CdcDmsException(
            ErrorKind.BadDefinition,
            $"Rows cannot be ordered by {column}, whose type is {type}; orderBy takes a column of an integer, date or timestamp type."),
    };

    private static string FileTime(IReadOnlyList<FetchedFile> files) =>
        OfFile(files, file => Milliseconds(TimeOf(file)).ToString(CultureInfo.InvariantCulture));

    private static string WriteTime(IReadOnlyList<FetchedFile> files) =>
        OfFile(files, file => (Milliseconds(file.ModifiedUtc) / 1000).ToString(CultureInfo.InvariantCulture));

    private static string FileHash(IReadOnlyList<FetchedFile> files) =>
        $"hash({OfFile(files, file => DuckDbSql.Literal(file.Key))}) % 100000";

    private static long Milliseconds(DateTime utc) => (utc - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;

    private static DateTime TimeOf(LakeObject file) => ChangeFileName.TimeOf(file.Key) ?? file.ModifiedUtc;

    /// <summary>What stands in a list of one value for each file, at the place of the row's file.</summary>
    private static string OfFile(IReadOnlyList<FetchedFile> files, Func<LakeObject, string> value) =>
        $"[{string.Join(", ", files.Select(file => value(file.Object)))}][file_index::BIGINT + 1]";
}
