using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Validation;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Benchmarks.Comparison;

/// <summary>
/// A table on both sides, compared as the command <c>validate</c> compares it. The floor is one statement a side, one after the other, that
/// counts the rows and sums up the same hash of each.
/// </summary>
internal sealed class ComparedTwoSides : IAsyncDisposable
{
    private const string RowHash =
        """hash_record_extended(ROW(record_send(ROW("id", "name", trim_scale("price"), "ratio"::text, "at", "n"))), 0)""";

    private static readonly TableDefinition Things = new() { Schema = "public", Name = "things", Target = "public.things" };

    private readonly ComparedWork _work;
    private readonly TestDatabase _source;
    private readonly TestDatabase _target;

    private ComparedTwoSides(ComparedWork work, TestDatabase source, TestDatabase target) =>
        (_work, _source, _target) = (work, source, target);

    private int Different => _work.DifferentEach == 0 ? 0 : _work.Rows / _work.DifferentEach;

    /// <summary>Makes the tables.</summary>
    public static async Task<ComparedTwoSides> CreateAsync(TestServers servers, ComparedWork work)
    {
        var tables = new ComparedTwoSides(work, await servers.CreateDatabaseAsync(), await servers.CreateDatabaseAsync());
        foreach (var database in (TestDatabase[])[tables._source, tables._target])
            await database.ExecuteAsync(
                $"""
                CREATE TABLE things (
                    id bigint PRIMARY KEY, name text, price numeric(12,2), ratio double precision, at timestamptz, n integer);
                INSERT INTO things SELECT i, md5(i::text), i % 1000 / 7.0, i / 3.0, timestamptz '2026-01-01' + i * interval '1 s', i % 100
                FROM generate_series(1, {work.Rows}) i
                """);
        if (work.DifferentEach > 0)
            await tables._target.ExecuteAsync($"UPDATE things SET n = n + 1 WHERE id % {work.DifferentEach} = 0");
        // Else the first that reads the rows writes them as well.
        await tables._source.ExecuteAsync("VACUUM ANALYZE things");
        await tables._target.ExecuteAsync("VACUUM ANALYZE things");
        await tables.CheckHashAsync();
        return tables;
    }

    /// <summary>Hashes one side after the other.</summary>
    public Task<TimeSpan> HashAsync() => Elapsed.OfAsync(async () =>
    {
        foreach (var database in (TestDatabase[])[_source, _target])
        {
            await using var connection = new NpgsqlConnection($"{database.ConnectionString};Command Timeout=0");
            await connection.OpenAsync();
            await connection.SingleAsync(
                $"SELECT count(*), sum({RowHash}) FROM things", row => row.GetInt64(0), CancellationToken.None);
        }
    });

    /// <summary>Compares both.</summary>
    public async Task<TimeSpan> CompareAsync()
    {
        TableComparison? found = null;
        var elapsed = await Elapsed.OfAsync(async () =>
            found = await new Validator(_source.ConnectionString, _target.ConnectionString).CompareAsync(
                Things, withValues: false, CancellationToken.None));
        return (found!.Result.SourceRows, found.Result.Changed) == (_work.Rows, Different)
            ? elapsed
            : throw new InvalidOperationException($"The comparison found {found.Result}.");
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _target.DisposeAsync();
    }

    // A floor of another hash would say nothing.
    private async Task CheckHashAsync()
    {
        await using var source = await _source.OpenAsync();
        await using var target = await _target.OpenAsync();
        var pair = await TablePair.OpenAsync(
            source,
            target,
            await ComparedTables.FindAsync(source, target, Things, CancellationToken.None),
            new ScanLimits(),
            CancellationToken.None);
        var sides = await pair.BeginAsync(
            new PlainReads(), () => Task.FromResult<IRowReads>(new PlainReads()), CancellationToken.None);
        if (!sides.Source.Sql.Shape.Contains(RowHash, StringComparison.Ordinal))
            throw new InvalidOperationException($"A comparison has another hash of a row than {RowHash}: {sides.Source.Sql.Shape}");
    }
}
