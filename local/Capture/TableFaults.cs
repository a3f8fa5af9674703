using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;

namespace CdcDms.Local.Capture;

/// <summary>
/// What keeps a table from being captured, in sentences with their cure. All of it is found before anything at the source is changed: a
/// publication of a table without a replica identity makes PostgreSQL refuse the application's own updates and deletes.
/// </summary>
internal static class TableFaults
{
    /// <summary>Refuses what has no changes of its own in the WAL.</summary>
    /// <exception cref="CdcDmsException">The relation cannot be captured, whatever its columns are.</exception>
    public static void RefuseKind(TableName name, TableFacts facts)
    {
        var reason = facts switch
        {
            { KindFault: var (why, cure) } => $"{why} {cure}",
            { Persistence: 'u' } =>
                $"Table {name} is unlogged, so its changes are not in the WAL; run ALTER TABLE {facts.Quoted} SET LOGGED at the source.",
            { Persistence: 't' } => $"Table {name} is temporary, and only its own session sees its rows; leave its definition out.",
            _ => null,
        };
        if (reason is not null)
            throw new CdcDmsException(ErrorKind.BadDefinition, reason);
    }

    /// <summary>Why a table cannot be published, or not be read as a whole.</summary>
    public static string? OfSnapshot(TableName name, TableFacts facts) =>
        !facts.IsOwned
            ? $"Only its owner may publish table {name}; run "
                // Nobody else needs the pipeline's own table.
                + (name == MarkerTable.Name ? $"ALTER TABLE {facts.Quoted} OWNER TO {facts.Role}" : $"GRANT {facts.Owner} TO {facts.Role}")
                + " at the source."
        : !facts.IsReadable
            ? $"The role {facts.Role} may not read table {name}; grant it USAGE on the schema and SELECT on the table."
        : facts.HidesRows
            ? $"Row-level security hides rows of table {name} from the role {facts.Role}, and a snapshot would lack them; run ALTER ROLE "
                + $"{facts.Role} BYPASSRLS at the source, or ALTER TABLE {facts.Quoted} NO FORCE ROW LEVEL SECURITY if the role owns it."
        : null;

    /// <summary>Refuses a key of which a column is left out.</summary>
    /// <exception cref="CdcDmsException">Rows could not be told apart.</exception>
    public static void RefuseLeaveOut(TableName name, IReadOnlyList<string> key, IReadOnlyList<string>? leftOut)
    {
        if (key.FirstOrDefault(column => leftOut?.Contains(column) == true) is { } left)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The definition of table {name} leaves out column {left}, which is in its key; take the column out of leaveOut.");
    }

    /// <summary>Refuses a key that the stream does not have.</summary>
    /// <exception cref="CdcDmsException">There is no key, or one of its columns is generated or not there.</exception>
    public static void RefuseKey(
        TableName name, TableFacts facts, IReadOnlyList<string> key, IReadOnlyList<string> columns, IReadOnlyList<string> generated)
    {
        if (key.Count == 0)
            throw new CdcDmsException(ErrorKind.BadDefinition,
                $"Table {name} has no primary key; give its definition a key and run ALTER TABLE {facts.Quoted} REPLICA IDENTITY FULL at "
                + "the source.");
        if (key.FirstOrDefault(generated.Contains) is { } computed)
            throw new CdcDmsException(ErrorKind.BadDefinition,
                $"Column {computed}, of the key of table {name}, is generated, and PostgreSQL does not send generated columns; give the "
                + $"definition a key of other columns that is unique and run ALTER TABLE {facts.Quoted} REPLICA IDENTITY FULL at the "
                + "source.");
        if (key.FirstOrDefault(column => !columns.Contains(column)) is { } missing)
            throw new CdcDmsException(ErrorKind.BadDefinition,
                $"Table {name} has no column {missing}, which its definition has in the key; correct the key.");
    }

    /// <summary>Why the changes of a table would not say which rows they are of, or what is in them.</summary>
    /// <param name="keyFault">What is wrong with its key.</param>
    public static string? OfStream(TableName name, TableFacts facts, string? keyFault)
    {
        if (Those(facts.Written, table => !table.IsLogged) is { } elsewhere)
            return $"The partitions {elsewhere} of table {name} are foreign or unlogged, so their changes are not in the WAL; detach them, "
                + "or make them ordinary tables.";
        if (keyFault is not null)
            return keyFault;
        return facts.Identity == 'f' && Those(facts.Written, table => table.Identity != 'f') is { } plain
            ? $"Table {name} has REPLICA IDENTITY FULL, but {plain} have not, and a partition's own counts: an update would lack large "
                + "values that it left alone; run ALTER TABLE … REPLICA IDENTITY FULL for each of them."
            : null;
    }

    /// <summary>
    /// Why the changes of a table would not say which rows they are of. While such a table is published, PostgreSQL may refuse the
    /// application's own updates and deletes.
    /// </summary>
    /// <param name="generated">Generated columns that PostgreSQL 18 and later demands to be published with a replica identity.</param>
    public static string? OfKey(TableName name, TableFacts facts, IReadOnlyList<string> key, IReadOnlyList<string> generated)
    {
        // Two rows may have one key within a transaction then, and which of their changes is the later one cannot be told.
        var holding = facts.UniqueKeys.Where(unique => unique.IsPlain && unique.Columns.All(key.Contains)).ToList();
        if (holding.Count > 0 && !holding.Exists(unique => unique.IsImmediate))
            return $"The key of table {name} is unique by a deferrable constraint alone, which cannot identify rows while a transaction "
                + "runs; make the constraint NOT DEFERRABLE, or give the definition another unique key.";

        if (Those(facts.Written, table => table.IsLogged && table.Identity != 'f' && !key.All(table.IndexColumns.Contains)) is { } silent)
            return facts.Kind == 'p'
                ? $"The source does not log the key ({string.Join(", ", key)}) of table {name} when a row of {silent} is updated or "
                    + "deleted, since a partition's own replica identity counts; run ALTER TABLE … REPLICA IDENTITY FULL for each of "
                    + "them, or correct the key."
                : $"The source does not log the key ({string.Join(", ", key)}) of table {name} when a row is updated or deleted; run "
                    + $"ALTER TABLE {facts.Quoted} REPLICA IDENTITY FULL there, or correct the key.";

        // CheckCmdReplicaIdentity (src/backend/executor/execReplication.c of PostgreSQL 18).
        if (Those(facts.Written, table => generated.Any(column => table.Identity == 'f' || table.IndexColumns.Contains(column)))
            is { } blocked)
            return $"The replica identity of {blocked} has generated columns ({string.Join(", ", generated)}), and PostgreSQL 18 refuses "
                + "updates and deletes of such a table once it is published; give it a replica identity without them.";

        return null;
    }

    private static string? Those(IReadOnlyList<WrittenTable> tables, Func<WrittenTable, bool> fault)
    {
        var names = tables.Where(fault).Select(table => table.Quoted).ToList();
        return names.Count == 0 ? null : Named.Of(names);
    }
}
