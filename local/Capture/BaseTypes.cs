using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>Finds the types below domains, which the catalog and the stream both name by the domain.</summary>
internal static class BaseTypes
{
    // The innermost domain alone can carry a modifier.
    private const string Resolve =
        """
        WITH RECURSIVE step (asked, type, modifier) AS (
          SELECT oid, oid, -1 FROM pg_type WHERE oid = ANY ($1::oid[]) AND typtype = 'd'
          UNION ALL
          SELECT s.asked, t.typbasetype, t.typtypmod FROM step s JOIN pg_type t ON t.oid = s.type WHERE t.typtype = 'd')
        SELECT asked, type, modifier FROM step s JOIN pg_type t ON t.oid = s.type WHERE t.typtype <> 'd'
        """;

    /// <summary>The file columns for columns of a table, in their order. A type that is no longer there is written as text.</summary>
    public static async Task<IReadOnlyList<ParquetColumn>> ColumnsAsync(
        NpgsqlConnection connection, IReadOnlyList<(string Name, uint Type, int Modifier)> columns, CancellationToken cancellationToken)
    {
        var domains = await connection
            .QueryAsync(Resolve, row => (Asked: row.GetFieldValue<uint>(0), Base: row.GetFieldValue<uint>(1), Modifier: row.GetInt32(2)), cancellationToken,
                columns.Select(column => (long)column.Type).Distinct().ToArray())
            .ToDictionaryAsync(found => found.Asked, cancellationToken: cancellationToken);
        return [.. columns.Select(column => domains.TryGetValue(column.Type, out var domain)
            ? ParquetTypes.Column(column.Name, domain.Base, domain.Modifier)
            : ParquetTypes.Column(column.Name, column.Type, column.Modifier))];
    }
}
