using CdcDms.DuckDb;

namespace CdcDms.Pipeline.Changes;

/// <summary>A row that cannot be ordered, or not be told from others.</summary>
/// <param name="Fault">Why, as half a sentence.</param>
/// <param name="Operation">Its operation as it stands.</param>
/// <param name="CommittedAt">Its commit time as it stands.</param>
/// <param name="Values">All its values as text, in the order of the files' columns.</param>
internal sealed record MalformedRow(string Fault, string? Operation, string? CommittedAt, IReadOnlyList<string?> Values)
{
    /// <summary>The rows that <see cref="ChangeQuery.Malformed"/> gives.</summary>
    public static IReadOnlyList<MalformedRow> Read(DuckDbConnection connection, string query)
    {
        using var result = connection.Query(query);
        var rows = new List<MalformedRow>();
        while (result.Next(out var chunk))
        {
            var columns = Enumerable.Range(0, result.Columns.Count).Select(index => Texts(chunk[index], chunk.Rows)).ToList();
            for (var row = 0; row < chunk.Rows; row++)
            {
                var values = columns.Select(column => column[row]).ToList();
                rows.Add(new MalformedRow(Fault: values[0]!, Operation: values[1], CommittedAt: values[2], Values: values[3..]));
            }
        }

        return rows;
    }

    private static List<string?> Texts(DuckDbVector column, int rows) => [.. Enumerable.Range(0, rows).Select(row => column.Text(row))];
}
