namespace CdcDms.Pipeline.Preflight;

/// <summary>What kind of a table can be captured (docs/dms-contract.md#source-limits).</summary>
internal static class KindChecks
{
    public static IEnumerable<Finding> Missing(SourceState source) => source.Missing.Select(table => Finding.WithoutSql(
        FindingSeverity.Loses,
        (table.Facts, table.Facts?.Kind) switch
        {
            (null, _) => $"The source has no table {table.Name}, so nothing of it is captured.",
            ({ IsOfSystem: true }, _) => $"{table.Name} belongs to PostgreSQL itself, and its changes are not decoded.",
            (_, 'v' or 'm') => $"{table.Name} is a view, which has no changes of its own.",
            (_, 'f') => $"{table.Name} is a foreign table, so its changes happen elsewhere.",
            _ => $"{table.Name} is not a table.",
        },
        "Correct its definition, or leave it out.").At(table.Name));

    public static IEnumerable<Finding> NotLogged(SourceState source, CheckedTable table)
    {
        foreach (var part in table.Facts.Written.Where(part => !part.IsLogged))
            yield return (part.Kind, part.Persistence) switch
            {
                (not ('r' or 'p'), _) => Finding.WithoutSql(
                    FindingSeverity.Loses,
                    $"The partition {part.Quoted} of table {table.Name} is a foreign table, so its changes are not in the WAL.",
                    "Detach it, or make it an ordinary table."),
                (_, 'u') => Finding.WithSql(
                    FindingSeverity.Loses,
                    $"Table {part.Quoted} is unlogged, so its changes are not in the WAL.",
                    $"ALTER TABLE {part.Quoted} SET LOGGED"),
                _ => Finding.WithoutSql(
                    FindingSeverity.Loses,
                    $"Table {part.Quoted} is temporary, and only its own session sees its rows.",
                    "Leave its definition out."),
            };
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
