using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using CdcDms.Pipeline.Validation;
using Npgsql;

namespace CdcDms.Pipeline.Preflight;

/// <summary>
/// Every check of the analytics database: first what the role may do, then each target as the merge itself looks at it.
/// </summary>
internal static class TargetChecks
{
    // Names in the cures are then written with their schemas, whatever the role's search path is.
    private const string WholeNames = "SET search_path = ''; SET lock_timeout = '5s'";

    /// <summary>Runs all checks. A table that cannot be looked at is a finding and hides no other.</summary>
    /// <param name="source">A connection to the source.</param>
    /// <param name="target">A connection to the analytics database, as the role of the merge.</param>
    /// <param name="definitions">The tables.</param>
    /// <param name="state">What was read of the source.</param>
    public static async Task<IReadOnlyList<Finding>> RunAsync(
        NpgsqlConnection source,
        NpgsqlConnection target,
        IReadOnlyList<TableDefinition> definitions,
        SourceState state,
        CancellationToken cancellationToken)
    {
        await target.ExecuteAsync(WholeNames, cancellationToken);
        await source.ExecuteAsync(WholeNames, cancellationToken);
        var rights = await TargetRights.ReadAsync(target, definitions, cancellationToken);
        var findings = rights.Findings(definitions).ToList();
        var alterable = await AlterableColumn.ReadAsync(target, rights.Existing.Values, cancellationToken);
        var checks = await CheckConstraint.ReadAsync(target, rights.Existing.Values, cancellationToken);
        var sourceChecks = await CheckConstraint.ReadAsync(source, state.Tables.Select(table => table.Facts.Oid), cancellationToken);
        var seen = await SeenColumns.ReadAsync(target, cancellationToken);
        foreach (var definition in definitions)
            try
            {
                await SameTable.RefuseAsync(source, target, definition, cancellationToken);
                findings.AddRange((await CatalogTable.FindAsync(target, definition.TargetName, cancellationToken) is { } found
                    && rights.Existing.TryGetValue(found.Name, out var oid)
                    ? Of(Checked(definition, found, oid)) : Missing(definition)).Select(finding => finding.At(definition.Source)));
            }
            catch (CdcDmsException refused) when (refused.Kind is ErrorKind.BadDefinition)
            {
                findings.Add(Refused(definition, refused));
            }

        return [.. findings.Select(finding => finding with { Database = CheckedDatabase.Analytics })];

        CheckedTarget Checked(TableDefinition definition, CatalogTable found, uint oid)
        {
            var from = state.Table(definition.Source);
            var known = (from is null ? [] : sourceChecks[from.Facts.Oid]).Select(check => check.Condition).ToHashSet();
            return new CheckedTarget
            {
                Definition = definition,
                Found = found,
                Alterable = alterable[oid].ToDictionary(column => column.Name),
                Checks = [.. checks[oid].Where(check => !known.Contains(check.Condition))],
                Seen = seen.GetValueOrDefault(found.Name) ?? new HashSet<string>(),
                Source = from,
            };
        }
    }

    private static List<Finding> Of(CheckedTarget target)
    {
        var key = KeyOf(target);
        List<Finding> findings =
        [
            .. TargetShape.Obstacles(target, key),
            .. TargetShape.Key(target, key),
            .. TargetShape.Checks(target),
        ];
        try
        {
            var table = TargetTable.Of(target.Definition, Cured(target.Found, key));
            findings.AddRange(TargetShape.Versions(target, table));
            findings.AddRange(TargetShape.Required(target, table.Columns));
            if (target.Source is { } source)
                findings.AddRange([
                    .. TargetFit.Of(target, table.Columns, source), .. TargetColumnNames.Of(target, table.Columns, source)]);
        }
        catch (CdcDmsException refused) when (refused.Kind is ErrorKind.BadDefinition)
        {
            findings.Add(Refused(target.Definition, refused));
        }

        return findings;
    }

    private static IEnumerable<Finding> Missing(TableDefinition definition)
    {
        if (!definition.MakesTarget)
            yield return Finding.WithoutSql(
                FindingSeverity.Blocks,
                $"The target {definition.TargetName} of {definition.Source} does not exist, and its definition lacks the key or the types "
                + "of columns with which the merge would make it.",
                "Create the table, or let describe write a complete definition.").Of("target-missing");
    }

    /// <summary>The key's columns in the target, as far as it has them.</summary>
    private static IReadOnlyList<string> KeyOf(CheckedTarget target)
    {
        var (definition, found) = (target.Definition, target.Found);
        if (definition.Key is null && found.PrimaryKey.Count > 0)
            return found.PrimaryKey;
        var names = (definition.Key ?? target.Source?.Key ?? [])
            .Select(from => definition.Columns?.FirstOrDefault(column => column.From == from)?.To ?? from).ToList();
        return names.TrueForAll(name => found.Column(name) is not null) ? names : [];
    }

    /// <summary>The table without what its findings cure, so that one fault hides no other.</summary>
    private static CatalogTable Cured(CatalogTable found, IReadOnlyList<string> key) => key.Count == 0 ? found : found with
    {
        Obstacles = [],
        UniqueIndexes = [new UniqueIndex("key", IsPrimary: true, IsPlain: true, IsDeferrable: false, key, new Removal("", null, null))],
    };

    private static Finding Refused(TableDefinition definition, CdcDmsException refused) =>
        Finding.WithoutSql(FindingSeverity.Blocks, refused.Message, "Correct the definition or the target.")
            .Of("target-fit").At(definition.Source);
}
