using CdcDms.DuckDb;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Benchmarks.Others;

/// <summary>
/// By DuckDB and psql: DuckDB reduces the files to the last change of each key and writes CSV, which COPY reads from the client into a
/// temporary table, as <c>\copy</c> does; from there rows are deleted and upserted. The rows of a first load go into the target at once.
/// </summary>
/// <param name="work">The work.</param>
internal sealed class CsvUpsert(WorkByHand work) : IWayByHand
{
    private static readonly CancellationToken Never = CancellationToken.None;

    /// <inheritdoc/>
    public int Share => 1;

    /// <inheritdoc/>
    public async Task RunAsync(NpgsqlConnection connection, IReadOnlyList<string> paths)
    {
        var select = work.IsLoad ? work.Columns : $"\"Op\" = 'D', {work.Columns}";
        work.DuckDb.Execute(
            $"COPY ({work.LastChanges(select, paths)}) TO {DuckDbSql.Literal(work.ScratchPath)} (FORMAT csv, HEADER false)", Never);
        await using var transaction = await connection.BeginTransactionAsync(Never);
        if (work.IsLoad)
            await CopyAsync(connection, $"by_hand.things ({work.Columns})");
        else
            await UpsertAsync(connection);
        await transaction.CommitAsync(Never);
    }

    private async Task UpsertAsync(NpgsqlConnection connection)
    {
        var match = string.Join(" AND ", work.Table.Key!.Select(DuckDbSql.Identifier).Select(name => $"t.{name} = s.{name}"));
        await connection.ExecuteAsync(
            $"CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT false AS deleted, {work.Columns} FROM by_hand.things WITH NO DATA", Never);
        await CopyAsync(connection, $"staged (deleted, {work.Columns})");
        await connection.ExecuteAsync("ANALYZE staged", Never);
        await connection.ExecuteAsync($"DELETE FROM by_hand.things t USING staged s WHERE s.deleted AND {match}", Never);
        await connection.ExecuteAsync(
            $"""
            INSERT INTO by_hand.things ({work.Columns}) SELECT {work.Columns} FROM staged WHERE NOT deleted
            ON CONFLICT ({work.Key}) DO UPDATE SET {work.Assignments}
            """,
            Never);
    }

    private async Task CopyAsync(NpgsqlConnection connection, string into)
    {
        await using var csv = File.OpenRead(work.ScratchPath);
        await using var copy = await connection.BeginTextImportAsync($"COPY {into} FROM STDIN (FORMAT csv)", Never);
        // The file's bytes as they are: nothing is decoded on the way, as psql does not.
        await csv.CopyToAsync(((StreamWriter)copy).BaseStream, 1 << 18, Never);
    }
}
