using System.Text;

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
    public void Appended_text_is_read_back_byte_by_byte()
    {
        string?[] texts = ["", null, "short", "longer than twelve bytes", "\0\n\"',", "𝄞 outside the plane", new string('x', 100_000)];
        _connection.Execute("CREATE TABLE t (n VARCHAR, v VARCHAR)");
        using (var appender = _connection.AppendText("t"))
        {
            foreach (var (index, text) in texts.Index())
            {
                appender.Append(Encoding.UTF8.GetBytes(index.ToString(System.Globalization.CultureInfo.InvariantCulture)));
                if (text is null)
                    appender.AppendNull();
                else
                    appender.Append(Encoding.UTF8.GetBytes(text));
                appender.EndRow();
            }

            appender.Close();
        }

        using var result = _connection.Query("SELECT v FROM t ORDER BY n::INT");
        Assert.True(result.Next(out var chunk));
        Assert.Equal(texts, Enumerable.Range(0, chunk.Rows).Select(row => chunk[0].Text(row)));
    }

    [Fact]
    public void Parquet_comes_back_with_its_types()
    {
        var file = Path.Combine(_folder, "it's.parquet");
        _connection.Execute($"COPY (SELECT 1::SMALLINT AS a, 2.50::DECIMAL(38,4) AS b, 'x'::BLOB AS c, TIMESTAMP '2026-01-02 03:04:05.678901' AS d) TO {DuckDbSql.Literal(file)} (FORMAT parquet, COMPRESSION gzip)");

        using var result = _connection.Query($"SELECT * FROM read_parquet({DuckDbSql.List([file])})");

        Assert.Equal(
            [new("a", DuckDbType.SmallInt, 0, 0), new("b", DuckDbType.Decimal, 38, 4), new("c", DuckDbType.Blob, 0, 0), new("d", DuckDbType.Timestamp, 0, 0)],
            result.Columns);
        Assert.True(result.Next(out var chunk));
        Assert.Equal((Int128)25000, chunk[1].Get<Int128>(0));
        Assert.Equal(new DateTime(2026, 1, 2, 3, 4, 5, 678, 901), DateTime.UnixEpoch.AddTicks(chunk[3].Get<long>(0) * 10));
    }

    [Fact]
    public void A_fault_carries_the_words_of_DuckDB()
    {
        Assert.Contains("nowhere", Assert.Throws<DuckDbException>(() => _connection.Execute("SELECT * FROM nowhere")).Message, StringComparison.Ordinal);
        Assert.Contains("nowhere", Assert.Throws<DuckDbException>(() => _connection.Query("SELECT * FROM nowhere")).Message, StringComparison.Ordinal);
        Assert.Contains("Could not convert", Assert.Throws<DuckDbException>(() => _connection.Count("SELECT ('x' || i)::INT::BIGINT FROM range(9) t(i)")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_query_ends()
    {
        using var cancellationToken = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        Assert.Throws<OperationCanceledException>(() => _connection.Count("SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range % 7 = b.range % 5", cancellationToken.Token));
    }
}
