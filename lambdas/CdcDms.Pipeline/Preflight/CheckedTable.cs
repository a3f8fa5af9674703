using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;

namespace CdcDms.Pipeline.Preflight;

/// <summary>A defined table of the source, as the checks look at it.</summary>
internal sealed record CheckedTable
{
    /// <summary>Its definition.</summary>
    public required TableDefinition Definition { get; init; }

    /// <summary>What the catalog says of it.</summary>
    public required TableFacts Facts { get; init; }

    /// <summary>The columns that DMS carries: without those that the definition leaves out.</summary>
    public required IReadOnlyList<TableColumn> Columns { get; init; }

    /// <summary>How its columns can be altered, by their names.</summary>
    public required IReadOnlyDictionary<string, AlterableColumn> Alterable { get; init; }

    /// <summary>Other tables of its schema whose names differ from its own by case only.</summary>
    public required IReadOnlyList<string> Namesakes { get; init; }

    /// <summary>OIDs of those of its parts that have a value out of line.</summary>
    public required IReadOnlySet<uint> Toasted { get; init; }

    /// <summary>What its values are like.</summary>
    public MeasuredValues Measured { get; init; } = MeasuredValues.None;

    /// <summary>Schema and name.</summary>
    public TableName Name => Definition.Source;

    /// <summary>The columns of a key that can identify rows; none where that is a finding of its own.</summary>
    public IReadOnlyList<string> Key => Facts.PrimaryKey is { IsImmediate: true } ? Facts.KeyOf(Definition) : [];
}
