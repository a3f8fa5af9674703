using System.Text.RegularExpressions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Preflight;

/// <summary>Whether a change tells which row it is of, and carries every value (docs/dms-contract.md#row-images).</summary>
internal static partial class KeyChecks
{
    private const int LongCharacters = 500;

    public static IEnumerable<Finding> Primary(SourceState source, CheckedTable table)
    {
        if (table.Facts.PrimaryKey is not null)
            yield break;
        var reason = $"Table {table.Name} has no primary key, so DMS ignores its updates and deletes.";
        // A unique index of a partitioned table has all columns of the partition key.
        if (table.Definition.Key is { } key && key.All(name => table.Columns.Any(column => column.Name == name))
            && table.Alterable.Values.All(column => !column.IsOfPartitionKey || key.Contains(column.Name)))
            yield return Finding.WithSql(
                FindingSeverity.Loses, reason, $"ALTER TABLE {table.Facts.Quoted} ADD PRIMARY KEY ({Sql.Identifiers(key)})");
        else
            yield return Finding.WithoutSql(
                FindingSeverity.Loses, reason, "Add a primary key, or name the columns that identify a row as the definition's key.");
    }

    public static IEnumerable<Finding> Deferrable(SourceState source, CheckedTable table)
    {
        if (table.Facts.PrimaryKey is not { IsImmediate: false } key)
            yield break;
        var reason = $"The primary key of table {table.Name} is deferrable, so PostgreSQL does not log it: updates and deletes say of no "
            + "row which it is.";
        var change = $"ALTER TABLE {table.Facts.Quoted} DROP CONSTRAINT {key.Quoted}, ADD CONSTRAINT {key.Quoted} ";
        yield return key.IsInherited
            ? Finding.WithoutSql(
                FindingSeverity.Loses, reason, "Make the key of the table that this one is a partition of NOT DEFERRABLE.")
            : Finding.WithSql(FindingSeverity.Loses, reason, change + Deferrability().Replace(key.Constraint!, "")) with
            {
                Undo = [change + key.Constraint],
            };
    }

    public static IEnumerable<Finding> Large(SourceState source, CheckedTable table)
    {
        foreach (var column in InPrimaryKey(table).Where(column => column.IsLob))
        {
            var reason = $"Column {column.Name}, of the primary key of table {table.Name}, is a LOB for DMS ({column.Type}), and DMS's own "
                + "assessment refuses such a key.";
            // Both types store the same bytes, so nothing is rewritten.
            yield return column.BaseTypeName == "text"
                ? TypeChange.Wider(
                    FindingSeverity.Loses, reason, table.Facts.Quoted, table.Alterable[column.Name], "character varying")
                : Finding.WithoutSql(FindingSeverity.Loses, reason, "Give the table a primary key of other columns.");
        }
    }

    public static IEnumerable<Finding> Generated(SourceState source, CheckedTable table) =>
        InPrimaryKey(table).Where(column => column.IsGenerated).Select(column => Finding.WithoutSql(
            FindingSeverity.Loses,
            $"Column {column.Name}, of the primary key of table {table.Name}, is generated, so PostgreSQL does not send its values.",
            "Give the table a primary key of other columns."));

    public static IEnumerable<Finding> NotLogged(SourceState source, CheckedTable table)
    {
        if (table.Key is not { Count: > 0 } key)
            yield break;
        var silent = table.Facts.Written
            .Where(part => part.IsLogged && part.Identity != 'f' && !key.All(part.IndexColumns.Contains)).ToList();
        if (silent.Count > 0)
            yield return Finding.WithSql(
                FindingSeverity.Loses,
                $"The source does not log the key ({string.Join(", ", key)}) of table {table.Name} when a row of "
                + $"{Named.Of([.. silent.Select(part => part.Quoted)])} is updated or deleted.",
                [.. silent.Select(Full)]);
    }

    public static IEnumerable<Finding> NotPrimary(SourceState source, CheckedTable table)
    {
        var others = table.Key.Where(name => table.Columns.Any(column => column.Name == name)
            && !table.Facts.PrimaryKey!.Columns.Contains(name)).ToList();
        if (others.Count > 0)
            yield return Finding.WithoutSql(
                FindingSeverity.Warns,
                $"Of the definition's key of table {table.Name}, {Named.Of(others)} is not of the primary key, and DMS tells the old "
                + "values of the primary key alone: when an update changes such a value, the old row stays in the target beside the new "
                + "one until a proof of the whole table removes the old row.",
                "Take the primary key as the definition's key, or let no update change these values.");
    }

    public static IEnumerable<Finding> LargeValues(SourceState source, CheckedTable table)
    {
        // With "keepOnNull" a value that is not in the stream stays as it is.
        if (table.Key is not { Count: > 0 } key || table.Definition.LobUpdates is LobUpdates.KeepOnNull)
            yield break;
        var large = table.Columns
            .Where(column => column is { MayBeToasted: true, IsGenerated: false } && IsLong(column) && !key.Contains(column.Name))
            .Select(column => column.Name).ToList();
        var parts = large.Count == 0 ? [] : table.Facts.Written.Where(part => part.IsLogged && part.Identity != 'f').ToList();
        foreach (var some in parts.ToLookup(part => table.Toasted.Contains(part.Oid)).OrderByDescending(same => same.Key))
            yield return Finding.WithSql(
                some.Key ? FindingSeverity.Loses : FindingSeverity.Warns,
                $"An update of a row of {Named.Of([.. some.Select(part => part.Quoted)])} does not carry a long value of "
                + $"{Named.Of(large)} that it leaves alone"
                + (some.Key ? ", and there are such values." : "; no row has been so long yet (about 2 kB) that one is stored apart."),
                [.. some.Select(Full)]);
    }

    // A row of up to about 2 kB is stored in one piece, so a value whose declared length is far below never leaves it.
    private static bool IsLong(TableColumn column) => column.BaseTypeName switch
    {
        // A number of so many digits is nobody's.
        "inet" or "cidr" or "numeric" => false,
        "bit" or "varbit" => column.Modifier < 0,
        "varchar" or "bpchar" => column.Modifier is < 0 or > LongCharacters,
        _ => true,
    };

    private static IEnumerable<TableColumn> InPrimaryKey(CheckedTable table) =>
        table.Columns.Where(column => table.Facts.PrimaryKey?.Columns.Contains(column.Name) == true);

    // How pg_get_constraintdef ends.
    [GeneratedRegex(" DEFERRABLE( INITIALLY DEFERRED)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Deferrability();

    private static string Full(WrittenTable part) => $"ALTER TABLE {part.Quoted} REPLICA IDENTITY FULL";
}
