using CdcDms.Pipeline.Catalog;

namespace CdcDms.Pipeline.Preflight;

/// <summary>What kind of a table can be captured (docs/dms-contract.md#source-limits).</summary>
internal static class KindChecks
{
    public static IEnumerable<Finding> Missing(SourceState source) => source.Missing.Select(table =>
    {
        var (reason, cure) = table.Facts?.KindFault
            ?? ($"The source has no table {table.Name}, so nothing of it is captured.", "Correct its definition, or leave it out.");
        return Finding.WithoutSql(FindingSeverity.Loses, reason, cure).At(table.Name);
    });

    public static IEnumerable<Finding> NotLogged(SourceState source, CheckedTable table)
    {
        foreach (var part in table.Facts.Written.Where(part => !part.IsLogged))
            yield return (part.Kind, part.Persistence) switch
            {
                (not ('r' or 'p'), _) => Finding.WithoutSql(
                    FindingSeverity.Loses,
                    $"The partition {part.Quoted} of table {table.Name} is a foreign table, so its changes are not in the WAL.",
                    "Detach it, or make it an ordinary table."),
                (_, 'u') => Logged(part),
                _ => Finding.WithoutSql(
                    FindingSeverity.Loses,
                    $"Table {part.Quoted} is temporary, and only its own session sees its rows.",
                    "Leave its definition out."),
            };
    }

    private static Finding Logged(WrittenTable part)
    {
        var (reason, statement) = (
            $"Table {part.Quoted} is unlogged, so its changes are not in the WAL.", $"ALTER TABLE {part.Quoted} SET LOGGED");
        return part.UnloggedParents.Count == 0
            ? Finding.WithSql(FindingSeverity.Loses, reason, statement)
            : Finding.ToChoose(
                FindingSeverity.Loses,
                reason,
                $"PostgreSQL refuses it while it refers to {Named.Of(part.UnloggedParents)}, unlogged too: make that a logged one before.",
                statement);
    }

    public static IEnumerable<Finding> Partitioned(SourceState source, CheckedTable table)
    {
        if (table.Facts.Kind == 'p')
            yield return Finding.WithoutSql(
                FindingSeverity.Loses,
                $"Table {table.Name} is partitioned, and its changes carry the names of its partitions: a task of DMS that selects the "
                + "partitioned table gets its rows once and no change. The local capture is not concerned.",
                "For DMS, define each partition as a table, with a target of its own.");
        if (source.Tables.FirstOrDefault(other => table.Facts.Ancestors.Contains(other.Facts.Oid)) is { } root)
            yield return Finding.WithoutSql(
                FindingSeverity.Loses,
                $"Table {table.Name} is a partition of {root.Name}, which is defined as well: its rows arrive twice, or under one name.",
                "Define the partitioned table or its partitions, not both.");
    }

    public static IEnumerable<Finding> Inheritance(SourceState source, CheckedTable table)
    {
        if (table.Facts.Children.Count > 0)
            yield return Finding.WithoutSql(
                FindingSeverity.Loses,
                $"{Named.Of(table.Facts.Children)} inherit from table {table.Name}: DMS loads their rows with it, and their changes then "
                + "have their own names. The local capture takes the table's own rows alone.",
                "Define the children as tables and leave this one out, or end the inheritance.");
    }

    public static IEnumerable<Finding> Extension(SourceState source, CheckedTable table)
    {
        if (table.Facts.Extension is { } extension)
            yield return Finding.WithoutSql(
                FindingSeverity.Warns,
                $"Table {table.Name} belongs to the extension {extension}, which may change or replace it when it is updated.",
                "Leave its definition out if nobody needs it.");
    }
}
