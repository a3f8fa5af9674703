using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Statements;

/// <summary>The statements that empty columns of rows whose image is newer: what they hold is from before the row's last delete.</summary>
/// <param name="target">The target.</param>
/// <param name="places">The places of the target's columns.</param>
internal sealed class EmptiedRegisters(TargetTable target, RegisterPlaces places)
{
    private static readonly string Version = Sql.Identifier(TargetColumns.Version);
    private static readonly string Registers = Sql.Identifier(TargetColumns.Registers);

    /// <summary>
    /// The statement by which deletes empty the registers below them of rows whose image is newer. <c>$1</c> is the floor.
    /// </summary>
    /// <param name="columns">The columns that the files have or had before.</param>
    /// <param name="match">The condition under which the row <c>t</c> has the key of the delete <c>s</c>.</param>
    public string ByDeletes(IEnumerable<TargetColumn> columns, string match)
    {
        var name = Sql.Identifier(target.Name);
        var kept = $"SELECT CAST(r.key AS numeric) AS version, {places.Read("r.value")} AS places FROM jsonb_each_text(t.{Registers}) r";
        return Emptying(columns, [$"{Registers} = e.registers"], $"""
            o.older AS emptied, o.registers
            FROM {StagingSql.Table} s JOIN {name} t ON {match}
            CROSS JOIN LATERAL (
                SELECT bit_or(v.older) AS older, jsonb_object_agg(v.version, v.places) AS registers FROM (
                    SELECT greatest(k.version, s.version) AS version, bit_or(k.places) AS places,
                        bit_or(k.places) FILTER (WHERE k.version < s.version) AS older
                    FROM ({kept}) k GROUP BY 1) v) o
            WHERE s.deleted AND s.version > $1 AND t.{Version} > s.version AND o.older IS NOT NULL
            """);
    }

    /// <summary>
    /// The statement that empties the columns whose NULL may mean "unchanged" where a complete generation is newer than their value; its
    /// full load has the version <c>$1</c>. A row of the full load holds the full load's value there, and any other row was deleted before
    /// it came back. If rows of the full load hold an older value, its files lack that column: then it stays as it is.
    /// </summary>
    /// <returns>The statement; null when no column is such a register.</returns>
    public string? ByGeneration()
    {
        // A column without a place was never of another version than its row.
        var columns = target.Columns.Where(column => column.NullMayMeanUnchanged && places.Columns.Contains(column.To)).ToList();
        if (columns.Count == 0)
            return null;
        var name = Sql.Identifier(target.Name);
        string Older(string row) => $"SELECT bit_or({places.Read("r.value")}) AS older "
            + $"FROM jsonb_each_text({row}.{Registers}) r WHERE CAST(r.key AS numeric) < $1";
        var ended = $"o.older & {places.Of(columns.Select(column => column.To))} & ~ f.lacking";
        return Emptying(columns, [], $"""
            {ended} AS emptied
            FROM {name} t CROSS JOIN LATERAL ({Older("t")}) o
            CROSS JOIN (
                SELECT coalesce(bit_or(o.older), {places.None}) AS lacking FROM {name} l CROSS JOIN LATERAL ({Older("l")}) o
                WHERE l.{Version} = $1 AND l.{Registers} IS NOT NULL) f
            WHERE t.{Version} >= $1 AND t.{Registers} IS NOT NULL AND {ended} <> {places.None}
            """);
    }

    // As if the row had been inserted without the columns.
    private string Emptying(IEnumerable<TargetColumn> columns, IEnumerable<string> others, string emptied)
    {
        var values = columns.Select(column => (Name: Sql.Identifier(column.To), column)).Select(one =>
            $"{one.Name} = CASE WHEN {places.Has("e.emptied", one.column.To)} THEN ({one.column.Default}) ELSE t.{one.Name} END");
        var key = target.Key.Select((column, number) => (Name: Sql.Identifier(column.To), Alias: $"k{number}")).ToList();
        return $"UPDATE {Sql.Identifier(target.Name)} t SET {string.Join(", ", values.Concat(others))} "
            + $"FROM (SELECT {string.Concat(key.Select(one => $"t.{one.Name} AS {one.Alias}, "))}{emptied}) e "
            + $"WHERE {string.Join(" AND ", key.Select(one => $"t.{one.Name} = e.{one.Alias}"))}";
    }
}
