using System.Text;
using DuckDB.NET.Native;

namespace CdcDms.DuckDb.Tests;

public sealed class DuckDbTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cdcdms-duckdb-").FullName;
    private readonly DuckDbDatabase _database;
    private readonly DuckDbConnection _connection;

    public DuckDbTests()
    {
        _database = DuckDbDatabase.Open(new DuckDbOptions { SpillDirectory = _folder });
        _connection = _database.Connect();
    }

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_zone_of_the_machine_changes_no_value()
    {
        using var zone = _connection.Query("SELECT current_setting('TimeZone')");
        zone.Next(out var chunk);

        Assert.Equal("UTC", chunk[0].Text(0));
    }

    [Fact]
    public void A_streamed_result_gives_every_row_and_every_null_once()
    {
        using var result = _connection.Query("SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE 'row number ' || i END FROM range(100000) t(i)");
        long rows = 0, sum = 0, nulls = 0, texts = 0;
        while (result.Next(out var chunk))
        {
            for (var row = 0; row < chunk.Rows; row++)
            {
                var number = chunk[0].Get<long>(row);
                rows++;
                sum += number;
                if (chunk[1].IsNull(row))
                    nulls++;
                else if (chunk[1].Text(row) == $"row number {number}")
                    texts++;
            }
        }

        Assert.Equal((100000, 4999950000, 33334, 66666), (rows, sum, nulls, texts));
    }

    [Fact]
    public void Text_is_read_byte_by_byte()
    {
        string?[] texts = ["", null, "short", "longer than twelve bytes", "\0\n\"',", "𝄞 outside the plane", new string('x', 100_000)];
        var values = texts.Select(text => text is null ? "NULL" : $"decode(unhex('{Convert.ToHexString(Encoding.UTF8.GetBytes(text))}'))");
        _connection.Execute("CREATE TABLE t (n INTEGER, v VARCHAR)");
        foreach (var (index, value) in values.Index())
            _connection.Execute($"INSERT INTO t VALUES ({index}, {value})");

        using var result = _connection.Query("SELECT v FROM t ORDER BY n");
        Assert.True(result.Next(out var chunk));
        Assert.Equal(texts, Enumerable.Range(0, chunk.Rows).Select(row => chunk[0].Text(row)));
    }

    [Fact]
    public void Parquet_comes_back_with_its_types()
    {
        var file = Path.Combine(_folder, "it's.parquet");
        const string row = "SELECT 1::SMALLINT AS a, 2.50::DECIMAL(38,4) AS b, 'x'::BLOB AS c, TIMESTAMP '2026-01-02 03:04:05.678901' AS d";
        _connection.Execute($"COPY ({row}) TO {DuckDbSql.Literal(file)} (FORMAT parquet, COMPRESSION gzip)");

        using var result = _connection.Query($"SELECT * FROM read_parquet({DuckDbSql.List([file])})");

        Assert.Equal(
            [
                new("a", DuckDBType.SmallInt, 0, 0),
                new("b", DuckDBType.Decimal, 38, 4),
                new("c", DuckDBType.Blob, 0, 0),
                new("d", DuckDBType.Timestamp, 0, 0),
            ],
            result.Columns);
        Assert.True(result.Next(out var chunk));
        Assert.Equal((Int128)25000, chunk[1].Get<Int128>(0));
        Assert.Equal(new DateTime(2026, 1, 2, 3, 4, 5, 678, 901), DateTime.UnixEpoch.AddTicks(chunk[3].Get<long>(0) * 10));
    }

    [Fact]
    public void A_fault_carries_the_words_of_DuckDB_and_its_type()
    {
        const string notInt = "SELECT ('x' || i)::INT::BIGINT FROM range(9) t(i)";

        Assert.Equal(DuckDBErrorType.Catalog, TypeOfFault("nowhere", () => _connection.Execute("SELECT * FROM nowhere")));
        Assert.Equal(DuckDBErrorType.Catalog, TypeOfFault("nowhere", () => _connection.Query("SELECT * FROM nowhere")));
        Assert.Equal(DuckDBErrorType.Parser, TypeOfFault("SELEKT", () => _connection.Query("SELEKT 1")));
        Assert.Equal(DuckDBErrorType.Conversion, TypeOfFault("Could not convert", () => _connection.Count(notInt)));
        Assert.Equal(DuckDBErrorType.Io, TypeOfFault("No files found", () => _connection.Query("FROM read_parquet('/no/file')")));
    }

    [Fact]
    public void Out_of_memory_is_known_by_its_type_wherever_it_is_met()
    {
        const string rows = "SELECT random() AS r FROM range(10_000_000) ORDER BY r";
        using var database = DuckDbDatabase.Open(new DuckDbOptions { SpillDirectory = "", MemoryMegabytes = 16, Threads = 1 });
        using var connection = database.Connect();

        Assert.Equal(DuckDBErrorType.OutOfMemory, TypeOfFault("Out of Memory", () => connection.Execute($"CREATE TABLE t AS {rows}")));
        Assert.Equal(DuckDBErrorType.OutOfMemory, TypeOfFault("Out of Memory", () => connection.Count(rows)));
    }

    [Fact]
    public void A_cancelled_query_ends()
    {
        const string endless = "SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range % 7 = b.range % 5";
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        Assert.Throws<OperationCanceledException>(() => _connection.Count(endless, soon.Token));
        Assert.Equal(1, _connection.Count("SELECT 1::BIGINT"));
    }

    [Fact]
    public void A_query_is_interrupted_by_its_own_token_alone()
    {
        using var others = new CancellationTokenSource();
        using var first = _connection.Query("SELECT 1 FROM range(1_000_000)", others.Token);
        Assert.True(first.Next(out _));
        using var second = _connection.Query("SELECT 1 FROM range(1_000_000)");
        Assert.True(second.Next(out var chunk));
        long rows = chunk.Rows;

        others.Cancel();
        while (second.Next(out chunk))
            rows += chunk.Rows;

        Assert.Equal(1_000_000, rows);
    }

    private static DuckDBErrorType TypeOfFault(string words, Action action)
    {
        var fault = Assert.Throws<DuckDbException>(action);
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        return fault.Type;
    }
}
