using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Preflight;

/// <summary>What a target has that the merge refuses, or that refuses the merge's rows.</summary>
internal static class TargetShape
{
    public static IEnumerable<Finding> Obstacles(CatalogTable found, IReadOnlyList<string> key) =>
        // Without a key every unique index would count.
        (key.Count > 0 ? found.WhatBreaksMerging(key) : found.Obstacles).Select(obstacle => Finding.WithSql(
            FindingSeverity.Blocks,
            $"The target {found.Name} has {obstacle.Name}, with which the merge refuses it: rows arrive in any order.",
            obstacle.Removal).Of("target-constraints"));

    public static IEnumerable<Finding> Key(TableDefinition definition, CatalogTable found, IReadOnlyList<string> key)
    {
        if (key.Count == 0 || found.IsUnique(key))
            yield break;
        yield return Finding.WithSql(
            FindingSeverity.Blocks,
            $"The target {found.Name} has no primary key or unique index on exactly ({string.Join(", ", key)}), by which the merge finds "
            + $"the rows of {definition.Source}.",
            found.PrimaryKey.Count == 0
                ? $"ALTER TABLE {Sql.Identifier(found.Name)} ADD PRIMARY KEY ({Sql.Identifiers(key)})"
                : $"CREATE UNIQUE INDEX ON {Sql.Identifier(found.Name)} ({Sql.Identifiers(key)})").Of("target-key");
    }

    /// <summary>A row without a value where the target demands one is refused, and put into the quarantine.</summary>
    public static IEnumerable<Finding> Required(
        TableDefinition definition, CatalogTable found, IReadOnlyList<TargetColumn> replicated, CheckedTable? source)
    {
        var demanding = found.Columns.Where(column =>
            column is { IsNullable: false, IsGenerated: false } && !TargetColumns.Contains(column.Name));
        foreach (var column in demanding)
        {
            var to = replicated.FirstOrDefault(one => one.To == column.Name);
            var from = to is null ? null : source?.Columns.FirstOrDefault(one => one.Name == to.From);
            // Without a look at the source, every column that is to be replicated may be there.
            var isFed = to is not null && (source is null || from is not null);
            var reason = !isFed && !column.HasDefault ? "and nothing of the source goes into it: every row is refused"
                : from is { IsNotNull: false } && !to!.IsKey
                    ? $"and column {from.Name} of {definition.Source} may hold NULL: such a row is refused"
                : null;
            if (reason is not null)
                yield return Finding.WithSql(
                    isFed ? FindingSeverity.Loses : FindingSeverity.Blocks,
                    $"Column {column.Name} of the target {found.Name} is NOT NULL, {reason} and put into the quarantine.",
                    $"ALTER TABLE {Sql.Identifier(found.Name)} ALTER COLUMN {Sql.Identifier(column.Name)} DROP NOT NULL")
                    .Of("target-not-null");
        }
    }
}
