using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Ledger;
using Npgsql;

namespace CdcDms.Pipeline.Targets;

/// <summary>The target table as the merge needs to know it.</summary>
internal sealed record TargetTable(TableName Name, IReadOnlyList<TargetColumn> Columns)
{
    /// <summary>Whether a delete leaves its row in place.</summary>
    public required bool SoftDeletes { get; init; }

    /// <summary>Whether columns may be of another version than their row's image (<see cref="TargetColumns.Registers"/>).</summary>
    public required bool HasRegisters { get; init; }

    /// <summary>Whether the versions' columns are from the time before generations, and have no room for one.</summary>
    public required bool HasNarrowVersions { get; init; }

    /// <summary>Whether the rows are in partitions.</summary>
    public required bool IsPartitioned { get; init; }

    /// <summary>All columns that the table has, replicated or not.</summary>
    public required IReadOnlySet<string> KnownNames { get; init; }

    /// <summary>The key's columns, in the definition's order.</summary>
    public IReadOnlyList<TargetColumn> Key { get; } = [.. Columns.Where(column => column.IsKey)];

    /// <summary>
    /// Whether deletes and images are reduced and merged one after the other. One reduced change of a key is enough where a delete
    /// ends all that was before it; a soft delete keeps the image, and registers below a later image need the delete between.
    /// </summary>
    public bool DeletesGoAlone => SoftDeletes || HasRegisters;

    /// <summary>
    /// Finds the target table of a definition, and makes it when it is missing.
    /// </summary>
    /// <exception cref="CdcDmsException">
    /// The definition and the table do not fit, or the table has what the pipeline cannot serve.
    /// </exception>
    public static async Task<TargetTable> FindOrCreateAsync(
        NpgsqlConnection connection, TableDefinition definition, CancellationToken cancellationToken)
    {
        if (!await CatalogTable.ExistsAsync(connection, definition.TargetName, cancellationToken))
            await TargetCreation.CreateAsync(connection, definition, cancellationToken);
        return await FindAsync(connection, definition, cancellationToken);
    }

    /// <summary>Gives the table the pipeline's own columns.</summary>
    /// <returns>The table as it is then.</returns>
    public async Task<TargetTable> PreparedAsync(
        NpgsqlConnection connection, TableDefinition definition, TableLedger ledger, CancellationToken cancellationToken)
    {
        string[] wanted =
        [
            TargetColumns.Version, TargetColumns.CommittedAt,
            .. SoftDeletes ? new[] { TargetColumns.DeleteVersion, TargetColumns.Deleted } : [],
            .. Columns.Any(column => column.NullMayMeanUnchanged) ? new[] { TargetColumns.Registers } : [],
        ];
        var missing = wanted.Where(name => !KnownNames.Contains(name)).ToList();
        var unwritable = Columns.Where(column => column is { IsAlwaysIdentity: true, IsKey: false })
            .Select(column => column.To).ToList();
        if (HasNarrowVersions)
            await TargetCreation.WidenVersionsAsync(
                connection, Name, ledger, hasDeleteVersion: KnownNames.Contains(TargetColumns.DeleteVersion), cancellationToken);
        else if (missing.Count + unwritable.Count == 0)
            return this;
        if (missing.Count + unwritable.Count > 0)
            await TargetCreation.PrepareAsync(connection, Name, ledger, missing, unwritable, cancellationToken);
        return await FindAsync(connection, definition, cancellationToken);
    }

    /// <summary>Reads the target table of a definition as it is.</summary>
    /// <exception cref="CdcDmsException">
    /// The definition and the table do not fit, or the table has what the pipeline cannot serve.
    /// </exception>
    public static async Task<TargetTable> FindAsync(
        NpgsqlConnection connection, TableDefinition definition, CancellationToken cancellationToken)
    {
        var name = definition.TargetName;
        return Of(definition, await CatalogTable.FindAsync(connection, name, cancellationToken)
            ?? throw new CdcDmsException(ErrorKind.Conflict, $"{name} was dropped while it was being used; run the merge again."));
    }

    /// <summary>The target table of a definition as the catalog has it.</summary>
    /// <exception cref="CdcDmsException">As of <see cref="FindAsync"/>.</exception>
    internal static TargetTable Of(TableDefinition definition, CatalogTable found)
    {
        var columns = Resolve(definition, found);
        found.RefuseWhatBreaksMerging([.. columns.Where(column => column.IsKey).Select(column => column.To)]);
        var soft = definition.Deletes is DeleteMode.Soft;
        if (!soft && found.Column(TargetColumns.DeleteVersion) is not null)
            throw Misfit(
                definition,
                "the target has soft-deleted rows, which hard deletes would not see; set \"deletes\" to \"soft\", "
                + $"or drop its columns {TargetColumns.Deleted} and {TargetColumns.DeleteVersion} after removing those rows");
        var isNarrow = found.Column(TargetColumns.Version) is { StoredType: TargetCreation.NarrowVersionType };
        if (found.Column(TargetColumns.Version) is { IsNullable: true }
            || (!isNarrow && found.Column(TargetColumns.Version) is { StoredType: not TargetCreation.VersionType }))
            throw Misfit(
                definition,
                $"the target's column {TargetColumns.Version} is not {TargetCreation.VersionType} NOT NULL, so changes of rows without a "
                + "whole version would be lost; give it that type and 0 where it is NULL, or drop it");
        return new TargetTable(definition.TargetName, columns)
        {
            HasNarrowVersions = isNarrow,
            IsPartitioned = found.IsPartitioned,
            SoftDeletes = soft,
            HasRegisters = found.Column(TargetColumns.Registers) is not null,
            KnownNames = found.Columns.Select(column => column.Name).ToHashSet(),
        };
    }

    /// <summary>The columns to replicate, in the definition's order, as the target has them.</summary>
    internal static List<TargetColumn> Resolve(TableDefinition definition, CatalogTable found)
    {
        var mapped = Mapped(definition, found);
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
            var column = found.Column(mapping.To)
                ?? throw Misfit(definition, $"the target has no column {mapping.To}; add it or leave it out of the definition");
            var isKey = key.Contains(mapping.To);
            var isRegister = definition.LobUpdates is LobUpdates.KeepOnNull && column.IsLob && !isKey;
            return new TargetColumn(mapping.From, mapping.To, column.BaseType, isKey, column.EqualityIsOfBytes, column.Collate, isRegister)
            {
                // A key is looked for as it is stored: rounded, where the column rounds.
                CastType = isKey ? column.StoredType : column.CastType,
                Modifier = column.Modifier,
                Default = column.Default,
                IsAlwaysIdentity = column.IsAlwaysIdentity,
                TypeIsGiven = mapping.Type is not null,
            };
        }
    }

    /// <summary>
    /// The listed columns; and those that the target has besides when none are listed, or when new ones are added as they come.
    /// </summary>
    private static List<ColumnMapping> Mapped(TableDefinition definition, CatalogTable found)
    {
        var listed = definition.Columns ?? [];
        var byOwnName = definition.Columns is null || definition.NewColumnPolicy is NewColumnPolicy.Add
            ? found.Columns.Select(column => column.Name).Where(name =>
                !TargetColumns.Contains(name) && definition.LeaveOut?.Contains(name) != true
                && listed.All(column => column.To != name && column.From != name))
            : [];
        return [.. listed, .. byOwnName.Select(name => new ColumnMapping { From = name, To = name })];
    }

    private static CdcDmsException Misfit(TableDefinition definition, string why) =>
        new(ErrorKind.BadDefinition, $"{definition.Source} cannot be merged into {definition.TargetName}: {why}.");
}
