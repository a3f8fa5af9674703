using CdcDms.DuckDb;

namespace CdcDms.Pipeline.Changes;

/// <summary>A part of the changes, reduced.</summary>
/// <param name="Kept">Changes that are left to merge.</param>
/// <param name="Superseded">Changes that are left out, each followed by a later one of the same key.</param>
/// <param name="HasOlder">Whether older changes are left besides the last one of their key.</param>
internal sealed record ReducedChanges(long Kept, long Superseded, bool HasOlder);

/// <summary>Reduces changes to those that have to be merged.</summary>
/// <param name="connection">DuckDB, which keeps what is left by its place in the files.</param>
/// <param name="row">The changes.</param>
/// <param name="source">Where they are.</param>
internal sealed class Reduction(DuckDbConnection connection, RowSql row, string source)
{
    private const string CountKept = "SELECT count(*) FROM winners";
    private const string CountSuperseded = "SELECT coalesce(sum(changes), 0)::BIGINT - count(*) FROM winners";
    private const string LeaveUnsaid = "FROM winners WHERE leaves_unsaid AND changes > 1";

    private int _followed;

    /// <summary>The rows that are reduced: all, or those that <see cref="Follow"/> has chosen.</summary>
    public string From => _followed == 0 ? source : Followed(_followed);

    /// <summary>The condition under which a row is left.</summary>
    public static string IsKept => $"{RowSql.Place} IN (SELECT row_id FROM winners)";

    /// <summary>Reduces a part to the last change of each key, and to the older ones that say what that leaves unsaid.</summary>
    public ReducedChanges Run(ChangePart part, CancellationToken cancellationToken)
    {
        connection.Execute(Reduce(part), cancellationToken);
        var keys = connection.Count(CountKept, cancellationToken);
        if (row.Registers.Count > 0 && connection.Count($"SELECT count(*) {LeaveUnsaid}", cancellationToken) > 0)
            connection.Execute(AddOlder(part), cancellationToken);
        var kept = connection.Count(CountKept, cancellationToken);
        return new ReducedChanges(kept, Superseded: connection.Count(CountSuperseded, cancellationToken), HasOlder: kept > keys);
    }

    /// <summary>
    /// From now on, only the changes are reduced that were left out of keys of which a change is refused: without that change, an older
    /// one counts.
    /// </summary>
    /// <param name="part">The part that was reduced last.</param>
    /// <param name="refused">The places of the refused changes.</param>
    public void Follow(ChangePart part, IEnumerable<long> refused, CancellationToken cancellationToken)
    {
        connection.Execute(
            $"CREATE OR REPLACE TEMP TABLE {Followed(_followed + 1)} AS SELECT * FROM {WithKeysOf(string.Join(", ", refused), part)}"
            + $" WHERE {row.IsIn(part)} AND NOT {IsKept}",
            cancellationToken);
        _followed++;
    }

    /// <summary>From now on, all changes are reduced.</summary>
    public void FollowNone() => _followed = 0;

    private static string Followed(int number) => $"followed_{number}";

    /// <summary>Notes the last change of each key, and whether it leaves a column unsaid.</summary>
    private string Reduce(ChangePart part)
    {
        var isSilent = row.Registers.Select(column => $"{DuckDbSql.Identifier(column.From)} IS NULL");
        var unsaid = part is ChangePart.Images && row.Registers.Count > 0
            ? $"arg_max({row.Operation} <> 'I' AND ({string.Join(" OR ", isSilent)}), {row.Rank})"
            : "false";
        return $"CREATE OR REPLACE TEMP TABLE winners AS SELECT arg_max({RowSql.Place}, {row.Rank}) AS row_id, count(*) AS changes, "
            + $"{unsaid} AS leaves_unsaid FROM {From} WHERE {row.IsIn(part)} GROUP BY {string.Join(", ", row.KeyOf(part))}";
    }

    /// <summary>
    /// Notes besides, for keys whose last change leaves columns unsaid, the older changes that say something about a column of which no
    /// later one says anything. Columns are bits: an aggregate for each column took longer than all the rest with 300 columns. Of two
    /// changes of one rank either may be the last one, so the first of a key is kept as well if it says something.
    /// </summary>
    private string AddOlder(ChangePart part)
    {
        var none = $"'{new string('0', row.Registers.Count)}'::BIT";
        var said = row.Registers.Select(column => $"CASE WHEN {DuckDbSql.Identifier(column.From)} IS NULL THEN '0' ELSE '1' END");
        var all = new string('1', row.Registers.Count);
        var bits = $"CASE WHEN {row.Operation} = 'I' THEN '{all}' ELSE concat({string.Join(", ", said)}) END";
        var key = row.KeyOf(part);
        var keys = string.Join(", ", key.Select((column, index) => $"{column} AS key_{index}"));
        var sameKey = string.Join(", ", key.Select((_, index) => $"key_{index}"));
        // The bits are made before the window, which would otherwise hold all columns of all rows.
        var rows = $"SELECT {RowSql.Place} AS row_id, ({bits})::BIT AS said, {row.Rank} AS rank, {keys} "
            + $"FROM {WithKeysOf($"SELECT row_id {LeaveUnsaid}", part)} WHERE {row.IsIn(part)}";
        var later = $"bit_or(said) OVER (PARTITION BY {sameKey} ORDER BY rank DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)";
        return $"INSERT INTO winners SELECT row_id, 0, false FROM (SELECT row_id, said, {later} AS later FROM ({rows})) "
            + $"WHERE bit_count(said & ~coalesce(later, {none})) > 0 AND row_id NOT IN (SELECT row_id FROM winners)";
    }

    /// <summary>All rows whose keys are those of some rows.</summary>
    private string WithKeysOf(string places, ChangePart part)
    {
        var key = row.KeyOf(part);
        var wanted = string.Join(", ", key.Select((column, index) => $"{column} AS wanted_{index}"));
        var same = string.Join(" AND ", key.Select((column, index) => $"{column} = w.wanted_{index}"));
        return $"{From} SEMI JOIN (SELECT {wanted} FROM {From} WHERE {RowSql.Place} IN ({places})) w ON {same}";
    }
}
