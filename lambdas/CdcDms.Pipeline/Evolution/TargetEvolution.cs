using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Evolution;

/// <summary>What a target needs before files of some shape can go into it.</summary>
/// <param name="Statements">Parts of one <c>ALTER TABLE</c>; none when the target fits as it is.</param>
/// <param name="KeyStatements">The statements that the tombstones' table needs as well.</param>
/// <param name="Replaced">The columns that get another type, as they are before: one that is wider by then would be cut.</param>
/// <param name="Added">
/// The columns that the target gets, has from somebody before any file had them, or had before the last files lacked them: old rows lack
/// their values, or hold old ones.
/// </param>
/// <param name="Unseen">The files' columns that are new or have another type than before, with their types.</param>
/// <param name="Gone">Columns that earlier files had and these lack, or that the definition leaves out by now.</param>
/// <param name="Back">Columns that the last files lacked and these have.</param>
/// <param name="Seen">The columns that files had so far, with these.</param>
/// <param name="Casts">What PostgreSQL has to cast, because the definition asks for it.</param>
internal sealed record TargetEvolution(
    IReadOnlyList<string> Statements,
    IReadOnlyList<string> KeyStatements,
    IReadOnlyList<TargetColumn> Replaced,
    IReadOnlyList<string> Added,
    IReadOnlyDictionary<string, string> Unseen,
    IReadOnlyCollection<string> Gone,
    IReadOnlyCollection<string> Back,
    IReadOnlySet<string> Seen,
    IReadOnlyCollection<WantedCast> Casts)
{
    private const string WasAltered = "the target was altered meanwhile";

    /// <summary>The part of an <c>ALTER TABLE</c> by which columns may be of another version than their row's image.</summary>
    public static readonly string AddRegisters = $"ADD COLUMN IF NOT EXISTS {Sql.Identifier(TargetColumns.Registers)} jsonb";

    // No number is read from the words, so they are the error.
    private const string RefuseAltered =
        $"""
        SELECT CAST(CASE WHEN count(*) = cardinality($2::text[]) THEN '0' ELSE '{WasAltered}' END AS integer)
        FROM unnest($2::text[], $3::text[], $4::int[]) AS was (name, type, modifier)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = to_regclass($1) AND a.attname = was.name AND NOT a.attisdropped
            AND format_type(a.atttypid, -1) = was.type AND a.atttypmod = was.modifier
        """;

    /// <summary>Changes the target in a transaction of its own, so that nobody has to wait for a merge to read the table.</summary>
    /// <returns>Whether the target has changed, by this or by another merge, so that it has to be compared anew.</returns>
    /// <exception cref="CdcDmsException">PostgreSQL refuses a change, or has no such cast (<see cref="ErrorKind.Parked"/>).</exception>
    public async Task<bool> ApplyAsync(TargetSession session, CancellationToken cancellationToken)
    {
        foreach (var cast in Casts)
            if (await cast.FaultAsync(session, cancellationToken) is { } fault)
                throw Parks(session.Table, fault);
        if (Statements.Count + Added.Count + Unseen.Count + Gone.Count + Back.Count == 0)
            return false;
        try
        {
            await session.Connection.ExecuteTogetherAsync(Together(session), cancellationToken);
            return Statements.Count > 0;
        }
        catch (PostgresException fault) when (fault.MessageText.Contains(WasAltered, StringComparison.Ordinal))
        {
            return true;
        }
        catch (PostgresException fault) when (IsOfType(fault))
        {
            throw Parks(
                session.Table,
                $"the target needs {string.Join(", ", Statements)}, and PostgreSQL refuses it ({PostgresWords.Told(fault)}); "
                + "change it by hand");
        }
    }

    /// <summary>The failure of a table that cannot go on before somebody changes its definition or its target.</summary>
    public static CdcDmsException Parks(TableDefinition table, string why) =>
        new(ErrorKind.Parked, $"{table.Source} cannot be merged: {why}.");

    private List<Statement> Together(TargetSession session)
    {
        var ledger = session.Ledger;
        List<Statement> together = [ledger.Lock(shared: false), new(LockWait.Shortly), ledger.Seen(Unseen, Gone, Back)];
        if (Replaced.Count > 0)
            together.Add(new(
                RefuseAltered,
                Sql.Identifier(session.Table.TargetName),
                Replaced.Select(column => column.To).ToArray(),
                Replaced.Select(column => column.Type).ToArray(),
                Replaced.Select(column => column.Modifier).ToArray()));
        if (session.Table.MayBeProven)
            together.AddRange(
            [
                ledger.Unproven.Mark(UnprovenCause.ColumnAdded, Added),
                ledger.Unproven.Mark(UnprovenCause.ColumnWidened, Replaced.Select(column => column.To)),
            ]);
        if (KeyStatements.Count > 0)
            together.Add(Alter(ledger.Tombstones, KeyStatements));
        // The last, because from then on readers wait.
        if (Statements.Count > 0)
            together.Add(Alter(session.Table.TargetName, Statements));
        return together;
    }

    private static Statement Alter(TableName table, IReadOnlyList<string> parts) =>
        new($"ALTER TABLE {Sql.Identifier(table)} {string.Join(", ", parts)}");

    // A view, an index or a generated column depends on the column whose type would change, or the table has 1,600 columns.
    private static bool IsOfType(PostgresException fault) => fault.SqlState
        is PostgresErrorCodes.FeatureNotSupported
        or PostgresErrorCodes.InvalidTableDefinition
        or PostgresErrorCodes.DependentObjectsStillExist
        or PostgresErrorCodes.TooManyColumns;
}
