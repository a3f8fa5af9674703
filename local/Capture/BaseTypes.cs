using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>Finds the types below domains, which the catalog and the stream both name by the domain.</summary>
internal static class BaseTypes
{
    // The innermost domain alone can carry a modifier.
    private const string Resolve =
        """
        WITH RECURSIVE step (asked, type, modifier) AS (
          SELECT oid, oid, -1 FROM pg_type WHERE oid = ANY ($1)
          UNION ALL
          SELECT s.asked, t.typbasetype, t.typtypmod FROM step s JOIN pg_type t ON t.oid = s.type WHERE t.typtype = 'd')
        SELECT asked, type, modifier FROM step s JOIN pg_type t ON t.oid = s.type WHERE t.typtype <> 'd'
        """;

    /// <summary>The file columns for columns of a table, in their order. A type that is no longer there is written as text.</summary>
    public static async Task<IReadOnlyList<ParquetColumn>> ColumnsAsync(
        NpgsqlConnection connection, IReadOnlyList<(string Name, uint Type, int Modifier)> columns, CancellationToken cancellation)
    {
        var types = new Dictionary<uint, (uint Type, int Modifier)>();
        await using var resolve = new NpgsqlCommand(Resolve, connection)
        {
            Parameters = { new() { Value = columns.Select(column => column.Type).Distinct().ToArray(), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Oid } },
        };
        await using var row = await resolve.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            types[row.GetFieldValue<uint>(0)] = (row.GetFieldValue<uint>(1), row.GetInt32(2));
        return [.. columns.Select(column =>
            types.TryGetValue(column.Type, out var found) && found.Type != column.Type
                ? ParquetTypes.Column(column.Name, found.Type, found.Modifier)
                : ParquetTypes.Column(column.Name, column.Type, column.Modifier))];
    }
}
