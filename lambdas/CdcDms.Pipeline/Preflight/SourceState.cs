using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Preflight;

/// <summary>Everything that the checks of a source look at, read in a handful of statements whatever the number of tables.</summary>
internal sealed record SourceState
{
    private const string FindNamesakes =
        """
        SELECT t.oid, o.relname FROM unnest($1::oid[]) t (oid) JOIN pg_class c ON c.oid = t.oid
        JOIN pg_class o ON o.relnamespace = c.relnamespace AND lower(o.relname) = lower(c.relname) AND o.oid <> c.oid
          AND o.relkind IN ('r', 'p')
        """;

    // A table gets a page for values out of line with the first of them; the page stays when the value goes.
    private const string FindToasted =
        "SELECT c.oid FROM pg_class c WHERE c.oid = ANY ($1::oid[]) AND c.reltoastrelid <> 0 AND pg_relation_size(c.reltoastrelid) > 0";

    // What the last VACUUM saw, for which nothing is locked.
    private const string FindToastedOnce =
        "SELECT c.oid FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid WHERE c.oid = ANY ($1::oid[]) AND t.relpages > 0";

    // A table that somebody has for himself must not hold up the look at all others for long.
    private const string Patience = "SET lock_timeout = '2s'";

    /// <summary>The task that is to run.</summary>
    public required PreflightSettings Settings { get; init; }

    /// <summary>The server and the role.</summary>
    public required ServerFacts Server { get; init; }

    /// <summary>The standbys.</summary>
    public required StandbyFacts Standbys { get; init; }

    /// <summary>The tables of markers.</summary>
    public required MarkerFacts Markers { get; init; }

    /// <summary>The defined tables that are tables.</summary>
    public required IReadOnlyList<CheckedTable> Tables { get; init; }

    /// <summary>The defined tables that are not there, or are something else.</summary>
    public required IReadOnlyList<(TableName Name, TableFacts? Facts)> Missing { get; init; }

    /// <summary>The defined table of a name; null when there is none.</summary>
    public CheckedTable? Table(TableName name) => Tables.FirstOrDefault(table => table.Name == name);

    public static async Task<SourceState> ReadAsync(
        NpgsqlConnection connection,
        IReadOnlyList<TableDefinition> definitions,
        PreflightSettings settings,
        CancellationToken cancellationToken)
    {
        var server = await ServerFacts.ReadAsync(connection, settings, cancellationToken);
        var standbys = await StandbyFacts.ReadAsync(connection, cancellationToken);
        var markers = await MarkerFacts.ReadAsync(connection, cancellationToken);
        await connection.ExecuteAsync(Patience, cancellationToken);
        var facts = await TableFacts.ReadAsync(connection, [.. definitions.Select(table => table.Source)], cancellationToken);
        var found = definitions.Select(definition => (Definition: definition, Facts: facts.GetValueOrDefault(definition.Source))).ToList();
        var there = found.Where(table => table.Facts is { IsTable: true, IsOfSystem: false }).ToList();
        var oids = there.Select(table => table.Facts!.Oid).ToList();
        var columns = await TableColumn.ReadAsync(connection, oids, cancellationToken);
        var alterable = await AlterableColumn.ReadAsync(connection, oids, cancellationToken);
        var namesakes = (await connection.QueryAsync(
            FindNamesakes, row => (Oid: row.GetFieldValue<uint>(0), Name: row.GetString(1)), cancellationToken, Numbers(oids))
            .ToListAsync(cancellationToken)).ToLookup(row => row.Oid, row => row.Name);
        var parts = there.SelectMany(table => table.Facts!.Written).Select(part => part.Oid);
        var toasted = await ToastedAsync(connection, Numbers(parts), cancellationToken);
        var tables = there.Select(table => Checked(table.Definition, table.Facts!)).ToList();
        var measuring = new Measuring(connection, settings);
        for (var index = 0; index < tables.Count; index++)
            tables[index] = tables[index] with { Measured = await measuring.OfAsync(tables[index], cancellationToken) };
        return new SourceState
        {
            Settings = settings,
            Server = server,
            Standbys = standbys,
            Markers = markers,
            Tables = tables,
            Missing = [.. found.Except(there).Select(table => (table.Definition.Source, table.Facts))],
        };

        CheckedTable Checked(TableDefinition definition, TableFacts of)
        {
            // A column that came or went between two statements is left out.
            var known = alterable[of.Oid].ToDictionary(column => column.Name);
            return new CheckedTable
            {
                Definition = definition,
                Facts = of,
                Columns =
                [
                    .. columns[of.Oid].Where(column =>
                        known.ContainsKey(column.Name) && definition.LeaveOut?.Contains(column.Name) != true),
                ],
                Alterable = known,
                Namesakes = [.. namesakes[of.Oid]],
                Toasted = toasted,
            };
        }
    }

    private static async Task<HashSet<uint>> ToastedAsync(
        NpgsqlConnection connection, long[] tables, CancellationToken cancellationToken)
    {
        try
        {
            return await FindAsync(FindToasted);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return await FindAsync(FindToastedOnce);
        }

        async Task<HashSet<uint>> FindAsync(string sql) =>
            [.. await connection.QueryAsync(sql, row => row.GetFieldValue<uint>(0), cancellationToken, tables)
                .ToListAsync(cancellationToken)];
    }

    private static long[] Numbers(IEnumerable<uint> oids) => [.. oids.Select(oid => (long)oid)];
}
