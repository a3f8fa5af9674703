using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Local.Capture;
using CdcDms.Testing;

namespace CdcDms.Benchmarks.Capture;

/// <summary>A source with one table of six columns, each of another type.</summary>
internal sealed class CapturedSource : IAsyncDisposable
{
    private readonly TestServers _servers;

    private CapturedSource(TestServers servers, TestDatabase database, int rows) => (_servers, Database, Rows) = (servers, database, rows);

    /// <summary>The columns as values of the number <c>i</c>.</summary>
    public const string Values = "md5(i::text), i % 100000 / 7.0, i / 3.0, timestamp '2026-01-01' + i * interval '1 s', i % 100";

    /// <summary>The source.</summary>
    public TestDatabase Database { get; }

    /// <summary>The rows that the table began with, of the keys from 1.</summary>
    public int Rows { get; }

    /// <summary>Makes the table.</summary>
    public static async Task<CapturedSource> CreateAsync(TestServers servers, int rows)
    {
        var database = await servers.CreateDatabaseAsync();
        await database.ExecuteAsync(
            $"""
            CREATE TABLE things (id bigint PRIMARY KEY, name text, price numeric(12,2), ratio double precision, at timestamp, n integer);
            INSERT INTO things SELECT i, {Values} FROM generate_series(1, {rows}) i
            """);
        // Else the first that reads the rows writes them as well.
        await database.ExecuteAsync("VACUUM ANALYZE things");
        return new CapturedSource(servers, database, rows);
    }

    /// <summary>Options of a capture into a lake.</summary>
    public CaptureOptions Options(LakeUri lake) => new()
    {
        SourceConnection = Database.ConnectionString,
        Lake = lake,
        S3 = _servers.S3,
        Tables = [new TableDefinition { Schema = "public", Name = "things", Target = "analytics.things" }],
        UntilIdle = TimeSpan.Zero,
    };

    /// <summary>A lake without objects.</summary>
    public Task<LakeUri> CreateLakeAsync() => _servers.CreateLakeAsync();

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
