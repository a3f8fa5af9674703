using Npgsql;
using NpgsqlTypes;

namespace CdcDms.Benchmarks.Others;

/// <summary>
/// By INSERT … ON CONFLICT of some rows each, prepared once, all in one transaction. Rows are read from Parquet and sent as texts. A key
/// may stand in a statement once only, so they are the last change of each key, in the order in which DuckDB gives them.
/// </summary>
/// <param name="work">The work, which has no deletes: this way knows none.</param>
/// <param name="rowsEach">The rows of a statement.</param>
/// <param name="share">Which part of the rows is sent, as one of so many.</param>
internal sealed class RowInserts(WorkByHand work, int rowsEach, int share = 1) : IWayByHand
{
    private static readonly CancellationToken Never = CancellationToken.None;

    /// <inheritdoc/>
    public int Share => share;

    /// <inheritdoc/>
    public async Task RunAsync(NpgsqlConnection connection, IReadOnlyList<string> paths)
    {
        await using var transaction = await connection.BeginTransactionAsync(Never);
        await using var command = new NpgsqlCommand(Statement(rowsEach), connection);
        var texts = new List<string?>();
        var columns = work.Table.Columns!.Count;
        foreach (var row in Rows(paths))
        {
            texts.AddRange(row);
            if (texts.Count == rowsEach * columns)
                await SendAsync(command, texts);
        }

        if (texts.Count > 0)
        {
            command.CommandText = Statement(texts.Count / columns);
            command.Parameters.Clear();
            await SendAsync(command, texts);
        }

        await transaction.CommitAsync(Never);
    }

    private static async Task SendAsync(NpgsqlCommand command, List<string?> texts)
    {
        if (command.Parameters.Count == 0)
        {
            foreach (var _ in texts)
                command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Unknown, Value = "" });
            await command.PrepareAsync(Never);
        }

        for (var place = 0; place < texts.Count; place++)
            command.Parameters[place].Value = (object?)texts[place] ?? DBNull.Value;
        await command.ExecuteNonQueryAsync(Never);
        texts.Clear();
    }

    private string Statement(int rows)
    {
        var columns = work.Table.Columns!.Count;
        var values = Enumerable.Range(0, rows).Select(row =>
            $"({string.Join(", ", Enumerable.Range(1, columns).Select(column => $"${row * columns + column}"))})");
        return $"INSERT INTO by_hand.things ({work.Columns}) VALUES {string.Join(", ", values)} "
            + $"ON CONFLICT ({work.Key}) DO UPDATE SET {work.Assignments}";
    }

    private IEnumerable<string?[]> Rows(IReadOnlyList<string> paths)
    {
        var columns = work.Table.Columns!.Count;
        var texts = string.Join(", ", work.Table.Columns!.Select(column => $"\"{column.To}\"::VARCHAR"));
        using var result = work.DuckDb.Query(
            $"{work.LastChanges(texts, paths)} LIMIT {(work.Rows + share - 1) / share}", Never);
        while (result.Next(out var chunk))
            for (var row = 0; row < chunk.Rows; row++)
            {
                var values = new string?[columns];
                for (var column = 0; column < columns; column++)
                    values[column] = chunk[column].Text(row);
                yield return values;
            }
    }
}
