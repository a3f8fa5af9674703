using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Targets;
using CdcDms.Pipeline.Validation;
using Npgsql;

namespace CdcDms.Pipeline.Proofs;

/// <summary>A table of which rows can be proven: what is read at the source, and by which key.</summary>
/// <param name="Tables">Both sides.</param>
/// <param name="Key">The target's key, in the order of the definition's, else of the primary key.</param>
/// <param name="Values">The source's values that are read, of the key and of what is compared.</param>
/// <param name="Columns">The target's columns, and how each is compared.</param>
internal sealed record ProofTable(
    ComparedTables Tables,
    IReadOnlyList<TargetColumn> Key,
    IReadOnlyList<ComparedValue> Values,
    IReadOnlyList<ProofColumn> Columns)
{
    private static readonly string[] Texts = ["text", "character varying"];

    /// <summary>Looks both sides up.</summary>
    /// <exception cref="CdcDmsException">Nothing of the table can be proven; the sentence says why.</exception>
    public static async Task<ProofTable> FindAsync(NpgsqlConnection source, TargetSession session, CancellationToken cancellationToken)
    {
        var definition = session.Table;
        if (definition.Feed is not null)
            throw Unprovable(definition, "it is fed from plain files");
        if (definition.Ordering is not ChangeOrdering.ChangeSequence)
            throw Unprovable(definition, "its changes are ordered by their times, and markers have none");
        var tables = await ComparedTables.FindAsync(source, session.Connection, definition, cancellationToken);
        RefuseMissing(definition, tables.Missing);
        var order = definition.Key?.ToList() ?? [.. tables.Target.PrimaryKey];
        var key = tables.Columns.Where(column => column.IsKey)
            .OrderBy(column => order.IndexOf(definition.Key is null ? column.To : column.From)).ToList();
        RefuseKey(definition, tables, key);

        var (values, _) = await ComparedValues.FindAsync(source, session.Connection, tables, cancellationToken);
        // What the source computes is not in the files of DMS.
        var compared = tables.Columns.Zip(values).Where(pair => tables.Source.Column(pair.First.From) is { IsGenerated: false })
            .Select(pair => pair.Second).ToList();
        return new ProofTable(
            tables, key, compared, [.. session.Target.Columns.Select(column => Of(column, Comparison(column, compared)))]);
    }

    /// <summary>Looks whether one side lacks columns.</summary>
    /// <exception cref="CdcDmsException">It does, so that nothing of the table can be proven.</exception>
    public static void RefuseMissing(TableDefinition definition, IReadOnlyList<string> missing)
    {
        if (missing.Count > 0)
            throw Unprovable(
                definition,
                $"{string.Join(", ", missing)} is on one side only: merge until the column has come, or correct the definition");
    }

    /// <summary>Whether the target still has the columns that it had when a proof was read.</summary>
    public static bool IsUnchanged(TargetTable target, IReadOnlyList<ProofColumn> columns) =>
        target.Columns.Select(column => Of(column, ProofComparison.None)).ToHashSet()
            .SetEquals(columns.Select(column => column with { Comparison = ProofComparison.None }));

    // One key of the source must be one key of the target and the other way round: else one row would be repaired as another.
    private static void RefuseKey(TableDefinition definition, ComparedTables tables, IReadOnlyList<TargetColumn> key)
    {
        if (!tables.Source.IsUnique([.. key.Select(column => column.From)]))
            throw Unprovable(
                definition,
                $"the source has no primary key or unique index on exactly ({string.Join(", ", key.Select(column => column.From))})");
        foreach (var column in key)
        {
            var (from, to) = (tables.Source.Column(column.From)!, tables.Target.Column(column.To)!);
            if (from.IsGenerated)
                throw Unprovable(
                    definition, $"its key column {column.From} is computed from others at the source, and is not in the files");
            if (!IsSameKey(from, to) || from.Collate.Length + to.Collate.Length > 0)
                throw Unprovable(
                    definition,
                    $"its key column {column.From} is {from.StoredType}{from.Collate} at the source and {to.StoredType}{to.Collate} in the "
                    + "target, so that different keys of the one may be equal in the other");
        }
    }

    private static bool IsSameKey(CatalogColumn from, CatalogColumn to) =>
        from.StoredType == to.StoredType
        || ComparedValues.IsWiderInteger(from.CastType, to.CastType)
        || (Texts.Contains(from.CastType) && Texts.Contains(to.CastType));

    private static ProofComparison Comparison(TargetColumn column, IReadOnlyList<ComparedValue> compared) =>
        compared.FirstOrDefault(value => value.Name == column.To)?.Comparison ?? ProofComparison.None;

    private static ProofColumn Of(TargetColumn column, ProofComparison comparison) =>
        new(column.To, column.From, column.Type, column.Modifier, column.IsKey, comparison);

    private static CdcDmsException Unprovable(TableDefinition definition, string why) =>
        new(ErrorKind.Unprovable, $"No row of {definition.Source} can be proven: {why}.");
}
