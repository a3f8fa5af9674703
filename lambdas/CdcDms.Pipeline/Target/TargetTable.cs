using CdcDms.Contract;
using CdcDms.Contract.Tables;
using Npgsql;

namespace CdcDms.Pipeline.Target;

/// <summary>The target table as the merge needs to know it.</summary>
internal sealed record TargetTable(TableName Name, IReadOnlyList<TargetColumn> Columns)
{
    /// <summary>Whether the definition lists the columns it wants, so that others in a file are left out on purpose.</summary>
    public required bool OnlyListedColumns { get; init; }

    /// <summary>All columns that the table has, replicated or not.</summary>
    public required IReadOnlySet<string> KnownNames { get; init; }

    /// <summary>The key's columns, in the definition's order.</summary>
    public IReadOnlyList<TargetColumn> Key { get; } = [.. Columns.Where(column => column.IsKey)];

    /// <summary>All other columns.</summary>
    public IReadOnlyList<TargetColumn> Values { get; } = [.. Columns.Where(column => !column.IsKey)];

    /// <summary>
    /// Finds the target table of a definition, makes it when it is missing, and gives it the pipeline's own columns.
    /// </summary>
    /// <exception cref="CdcDmsException">The definition and the table do not fit, or the table has what the pipeline cannot serve.</exception>
    public static async Task<TargetTable> OpenAsync(NpgsqlConnection connection, TableDefinition definition, CancellationToken cancellation)
    {
        var name = definition.TargetName;
        var found = await CatalogTable.FindAsync(connection, name, cancellation);
        if (found is null)
        {
            await TargetCreation.CreateAsync(connection, definition, cancellation);
            found = await CatalogTable.FindAsync(connection, name, cancellation)
                ?? throw new CdcDmsException(ErrorKind.Conflict, $"{name} was dropped while it was being created; run the merge again.");
        }

        var columns = Resolve(definition, found);
        found.RefuseWhatBreaksMerging([.. columns.Where(column => column.IsKey).Select(column => column.To)]);
        if (TargetColumns.All.Any(column => found.Column(column) is null))
            await TargetCreation.AddOwnColumnsAsync(connection, name, cancellation);
        return new TargetTable(name, columns)
        {
            OnlyListedColumns = definition.Columns is not null,
            KnownNames = found.Columns.Select(column => column.Name).ToHashSet(),
        };
    }

    /// <summary>The columns to replicate, in the definition's order, as the target has them.</summary>
    internal static List<TargetColumn> Resolve(TableDefinition definition, CatalogTable found)
    {
        var mapped = definition.Columns
            ?? [.. found.Columns.Where(column => !TargetColumns.Contains(column.Name))
                .Select(column => new ColumnMapping { From = column.Name, To = column.Name })];
        var key = definition.Key is { } names
            ? [.. names.Select(from => mapped.FirstOrDefault(column => column.From == from)?.To
                ?? throw Misfit(definition, $"its key column {from} is not among the target's columns"))]
            : found.PrimaryKey;
        if (key.Count == 0)
            throw Misfit(definition, "neither the definition nor the target table has a key; add \"key\" to the definition");
        if (!found.IsUnique(key))
            throw Misfit(definition, $"the target has no primary key or unique index on exactly ({string.Join(", ", key)}); create one");
        if (key.FirstOrDefault(to => mapped.All(column => column.To != to)) is { } unmapped)
            throw Misfit(definition, $"the target's key column {unmapped} is not among the definition's columns");
        if (key.FirstOrDefault(to => found.Column(to) is { IsGenerated: true }) is { } generated)
            throw Misfit(definition, $"the target's key column {generated} is computed from other columns; make it a plain column");

        return [.. mapped.Where(column => found.Column(column.To) is not { IsGenerated: true }).Select(Typed)];

        TargetColumn Typed(ColumnMapping mapping)
        {
            var column = found.Column(mapping.To) ?? throw Misfit(definition, $"the target has no column {mapping.To}; add it or leave it out of the definition");
            var isKey = key.Contains(mapping.To);
            // A key is looked for as it is stored: rounded, where the column rounds.
            return new TargetColumn(mapping.From, mapping.To, isKey ? column.StoredType : column.BaseType, isKey, column.EqualityIsOfBytes, column.Collate);
        }
    }

    private static CdcDmsException Misfit(TableDefinition definition, string why) =>
        new(ErrorKind.BadDefinition, $"{definition.Source} cannot be merged into {definition.TargetName}: {why}.");
}
