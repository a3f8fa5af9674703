using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Preflight;

/// <summary>A target that is there, as the checks look at it.</summary>
internal sealed record CheckedTarget
{
    /// <summary>The table's definition.</summary>
    public required TableDefinition Definition { get; init; }

    /// <summary>What the catalog says of the target.</summary>
    public required CatalogTable Found { get; init; }

    /// <summary>How its columns can be altered, by their names.</summary>
    public required IReadOnlyDictionary<string, AlterableColumn> Alterable { get; init; }

    /// <summary>The checks that it makes of each row and the source does not.</summary>
    public required IReadOnlyList<CheckConstraint> Checks { get; init; }

    /// <summary>The columns that files had so far; none before the first merge.</summary>
    public required IReadOnlySet<string> Seen { get; init; }

    /// <summary>The table at the source; null without one.</summary>
    public required CheckedTable? Source { get; init; }

    /// <summary>Schema and name.</summary>
    public TableName Name => Found.Name;

    /// <summary>Schema and name as a statement needs them.</summary>
    public string Quoted => Sql.Identifier(Name);
}
