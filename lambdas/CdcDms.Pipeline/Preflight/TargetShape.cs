using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Preflight;

/// <summary>What a target has that the merge refuses, or that refuses the merge's rows.</summary>
internal static class TargetShape
{
    public static IEnumerable<Finding> Obstacles(CheckedTarget target, IReadOnlyList<string> key) =>
        // Without a key every unique index would count.
        (key.Count > 0 ? target.Found.WhatBreaksMerging(key) : target.Found.Obstacles).Select(obstacle => Removed(
            FindingSeverity.Blocks,
            $"The target {target.Name} has {obstacle.Name}, with which the merge refuses it: rows arrive in any order.",
            obstacle.Removal).Of("target-constraints"));

    public static IEnumerable<Finding> Key(CheckedTarget target, IReadOnlyList<string> key)
    {
        if (key.Count == 0 || target.Found.IsUnique(key))
            yield break;
        var reason = $"The target {target.Name} has no primary key or unique index on exactly ({string.Join(", ", key)}), by which the "
            + $"merge finds the rows of {target.Definition.Source}.";
        yield return (target.Alterable.Values.Any(column => column.IsOfPartitionKey && !key.Contains(column.Name))
            ? Finding.WithoutSql(
                FindingSeverity.Blocks, reason, "A partitioned table has one with its partition key only: partition it by the key, or not.")
            : Finding.WithSql(
                FindingSeverity.Blocks,
                reason,
                target.Found.PrimaryKey.Count == 0
                    ? $"ALTER TABLE {target.Quoted} ADD PRIMARY KEY ({Sql.Identifiers(key)})"
                    : $"CREATE UNIQUE INDEX ON {target.Quoted} ({Sql.Identifiers(key)})")).Of("target-key");
    }

    /// <summary>A row without a value where the target demands one is refused, and put into the quarantine.</summary>
    public static IEnumerable<Finding> Required(CheckedTarget target, IReadOnlyList<TargetColumn> replicated)
    {
        var demanding = target.Found.Columns.Where(column =>
            column is { IsNullable: false, IsGenerated: false } && !TargetColumns.Contains(column.Name));
        foreach (var column in demanding)
        {
            var to = replicated.FirstOrDefault(one => one.To == column.Name);
            var from = to is null ? null : target.Source?.Columns.FirstOrDefault(one => one.Name == to.From);
            // Without a look at the source, every column that is to be replicated may be there.
            var isFed = to is not null && (target.Source is null || from is not null);
            var why = !isFed && !column.HasDefault ? "and nothing of the source goes into it: every row is refused"
                : from is { IsNotNull: false } && !to!.IsKey
                    ? $"and column {from.Name} of {target.Definition.Source} may hold NULL: such a row is refused"
                : null;
            if (why is null)
                continue;
            var severity = isFed ? FindingSeverity.Loses : FindingSeverity.Blocks;
            var reason = $"Column {column.Name} of the target {target.Name} is NOT NULL, {why} and put into the quarantine.";
            yield return (target.Found.PrimaryKey.Contains(column.Name) || column.IsIdentity
                ? Finding.WithoutSql(
                    severity, reason, "A column of a primary key and an identity are never NULL: give the target another key or column.")
                : Finding.WithSql(
                    severity, reason, $"ALTER TABLE {target.Quoted} ALTER COLUMN {Sql.Identifier(column.Name)} DROP NOT NULL"))
                .Of("target-not-null");
        }
    }

    public static IEnumerable<Finding> Checks(CheckedTarget target)
    {
        foreach (var check in target.Checks)
        {
            var reason = $"The target {target.Name} has {check.Name} ({check.Condition}), which the source table "
                + $"{target.Definition.Source} has not: a row that does not pass is put into the quarantine.";
            yield return (check.Removal is { } removal
                ? Removed(FindingSeverity.Warns, reason, removal)
                : Finding.WithoutSql(FindingSeverity.Warns, reason, "Give the column the domain's type unless every row passes."))
                .Of("target-checks");
        }
    }

    /// <summary>A target of the time before generations gets wider versions with its next merge.</summary>
    public static IEnumerable<Finding> Versions(CheckedTarget target, TargetTable table)
    {
        if (!table.HasNarrowVersions)
            yield break;
        string[] own = [TargetColumns.Version, TargetColumns.DeleteVersion, TargetColumns.Deleted];
        var users = own.Where(target.Alterable.ContainsKey).SelectMany(name => target.Alterable[name].Users).Distinct()
            .Where(user => !user.StartsWith($"the generated column {TargetColumns.Deleted} ", StringComparison.Ordinal)).ToList();
        if (users.Count > 0)
            yield return Finding.WithoutSql(
                FindingSeverity.Blocks,
                $"The next merge gives the version columns of the target {target.Name} room for a generation, which PostgreSQL refuses "
                + $"while there is {Named.Of(users)}.",
                "Drop that before the merge, and make it again afterwards.").Of("target-fit");
    }

    private static Finding Removed(FindingSeverity severity, string reason, Removal removal) => (removal.Hindrance is { } hindrance
        ? Finding.ToChoose(severity, reason, $"PostgreSQL refuses the statement as things are: {hindrance}.", removal.Statement)
        : Finding.WithSql(severity, reason, removal.Statement)) with
    {
        Undo = removal.Restoration is { } restoration ? [restoration] : [],
    };
}
