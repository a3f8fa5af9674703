using System.Text.Json.Serialization;

namespace CdcDms.Contract.Tables;

/// <summary>What happens to a target row when its source row is deleted.</summary>
public enum DeleteMode
{
    /// <summary>The row goes, a tombstone stays so that no older change can bring it back.</summary>
    [JsonStringEnumMemberName("hard")]
    Hard,

    /// <summary>The row stays with its last image, marked as deleted.</summary>
    [JsonStringEnumMemberName("soft")]
    Soft,
}

/// <summary>One column's way from a change file into the target table.</summary>
public sealed record ColumnMapping
{
    /// <summary>The column's name at the source, which is its name in the change files.</summary>
    public required string From { get; init; }

    /// <summary>The column's name in the target table.</summary>
    public required string To { get; init; }

    /// <summary>The PostgreSQL type with which a missing target table is created, such as <c>numeric(12,2)</c> or <c>text[]</c>.</summary>
    public string? Type { get; init; }
}

/// <summary>
/// One table's replication: from where, to where, by which key. The same record stands in the environment file,
/// in the command line's definition file and in every function's input.
/// </summary>
public sealed record TableDefinition
{
    /// <summary>Schema of the source table.</summary>
    public required string Schema { get; init; }

    /// <summary>Name of the source table.</summary>
    public required string Name { get; init; }

    /// <summary>The analytics table, <c>schema.name</c>, as <see cref="TableName.Parse"/> reads it.</summary>
    public required string Target { get; init; }

    /// <summary>Source names of the columns that identify a row. Default: the source's or the existing target table's primary key.</summary>
    public IReadOnlyList<string>? Key { get; init; }

    /// <summary>What a deleted source row does to the target row. Default: <see cref="DeleteMode.Hard"/>.</summary>
    public DeleteMode Deletes { get; init; } = DeleteMode.Hard;

    /// <summary>The columns to replicate. Default: the target table's columns, by their own names. Columns not listed are left out.</summary>
    public IReadOnlyList<ColumnMapping>? Columns { get; init; }

    /// <summary>The source table's name.</summary>
    [JsonIgnore]
    public TableName Source => new(Schema, Name);

    /// <summary>The target table's name.</summary>
    /// <exception cref="CdcDmsException"><see cref="Target"/> is not <c>schema.name</c>.</exception>
    [JsonIgnore]
    public TableName TargetName => TableName.Parse(Target);
}
