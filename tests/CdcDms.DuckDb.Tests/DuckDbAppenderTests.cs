using System.Text;

namespace CdcDms.DuckDb.Tests;

/// <summary>Rows that are appended are in the table, whatever is in them.</summary>
public sealed class DuckDbAppenderTests : IDisposable
{
    private readonly DuckDbDatabase _database = DuckDbDatabase.Open(new DuckDbOptions { SpillDirectory = "", Threads = 1 });
    private readonly DuckDbConnection _connection;

    public DuckDbAppenderTests() => _connection = _database.Connect();

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
    }

    [Fact]
    public void Rows_of_several_chunks_keep_their_order_and_their_NULLs()
    {
        const int rows = 3 * DuckDbAppender.ChunkRows + 5;
        _connection.Execute("CREATE TEMP TABLE t (a VARCHAR, b BLOB)");
        using (var appender = new DuckDbAppender(_connection, "t", [false, true]))
        {
            for (var first = 0; first < rows; first += DuckDbAppender.ChunkRows)
            {
                var count = Math.Min(DuckDbAppender.ChunkRows, rows - first);
                for (var row = 0; row < count; row++)
                {
                    appender.Set(0, row, Encoding.UTF8.GetBytes($"a text of more than twelve bytes, number {first + row}"));
                    if ((first + row) % 3 == 0)
                        appender.SetNull(1, row);
                    else
                        appender.Set(1, row, [0, 0xFF, (byte)(first + row)]);
                }

                appender.Append(count);
            }

            appender.Close();
        }

        Assert.Equal(rows, _connection.Count("SELECT count(*) FROM t WHERE a LIKE '%number ' || rowid"));
        Assert.Equal((rows + 2) / 3, _connection.Count("SELECT count(*) FROM t WHERE b IS NULL"));
        Assert.Equal(rows, _connection.Count(
            "SELECT count(*) FROM t WHERE (b IS NULL) = (rowid % 3 = 0) "
            + "AND (b IS NULL OR hex(b) = '00FF' || printf('%02X', rowid % 256))"));
    }

    [Fact]
    public void Empty_texts_and_zero_bytes_are_values()
    {
        _connection.Execute("CREATE TEMP TABLE t (a VARCHAR)");
        using (var appender = new DuckDbAppender(_connection, "t", [false]))
        {
            appender.Set(0, 0, []);
            appender.Set(0, 1, "a\0ö"u8);
            appender.Append(2);
            appender.Close();
        }

        Assert.Equal(1, _connection.Count("SELECT count(*) FROM t WHERE rowid = 0 AND a = ''"));
        Assert.Equal(1, _connection.Count("SELECT count(*) FROM t WHERE rowid = 1 AND a = 'a' || chr(0) || 'ö'"));
    }

    [Fact]
    public void A_table_that_is_not_there_is_told()
    {
        var fault = Assert.Throws<DuckDbException>(() => new DuckDbAppender(_connection, "missing", [false]));

        Assert.Contains("missing", fault.Message, StringComparison.Ordinal);
    }
}
