using System.Text.Json.Serialization;

namespace CdcDms.Contract.Tables;

/// <summary>
/// One table's replication: from where, to where, by which key. The same record stands in the environment file,
/// in the command line's definition file and in every function's input.
/// </summary>
public sealed record TableDefinition
{
    /// <summary>30 days: longer than anybody leaves a stopped task alone, and longer than a source keeps WAL.</summary>
    public const int DefaultTombstoneRetentionDays = 30;

    /// <summary>Schema of the source table.</summary>
    public required string Schema { get; init; }

    /// <summary>Name of the source table.</summary>
    public required string Name { get; init; }

    /// <summary>The analytics table, <c>schema.name</c>, as <see cref="TableName.Parse"/> reads it.</summary>
    public required string Target { get; init; }

    /// <summary>
    /// Source names of the columns that identify a row. Default: the source's or the existing target table's primary key.
    /// </summary>
    public IReadOnlyList<string>? Key { get; init; }

    /// <summary>What a deleted source row does to the target row. Default: <see cref="DeleteMode.Hard"/>.</summary>
    public DeleteMode Deletes { get; init; } = DeleteMode.Hard;

    /// <summary>
    /// The columns to replicate, where names or types differ or the target is to be created. Default: the target table's columns, by their
    /// own names.
    /// </summary>
    public IReadOnlyList<ColumnMapping>? Columns { get; init; }

    /// <summary>Source names of columns that are never replicated. Default: none.</summary>
    public IReadOnlyList<string>? LeaveOut { get; init; }

    /// <summary>
    /// What happens to a column that is new at the source. Default: <see cref="NewColumnPolicy.Add"/>, or
    /// <see cref="NewColumnPolicy.Ignore"/> when <see cref="Columns"/> lists what is wanted.
    /// </summary>
    public NewColumnPolicy? NewColumns { get; init; }

    /// <summary>What NULL means in an update of a LOB column. Default: <see cref="LobUpdates.Trust"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public LobUpdates LobUpdates { get; init; } = LobUpdates.Trust;

    /// <summary>
    /// Kilobytes that a text, json, array or bytea value of this table may have at DMS; the local capture has no limit. Default: the
    /// environment's <c>replication.lobKilobytes</c>.
    /// </summary>
    public int? LobKilobytes { get; init; }

    /// <summary>What happens to a change that the target refuses. Default: <see cref="BadRowPolicy.Quarantine"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public BadRowPolicy BadRows { get; init; } = BadRowPolicy.Quarantine;

    /// <summary>Where the order of changes comes from. Default: <see cref="ChangeOrdering.ChangeSequence"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ChangeOrdering Ordering { get; init; } = ChangeOrdering.ChangeSequence;

    /// <summary>
    /// Days of change time after which the tombstone of a deleted row is forgotten. A change older than that, of a row that is not there,
    /// is quarantined as late. Default: <see cref="DefaultTombstoneRetentionDays"/>.
    /// </summary>
    public int? TombstoneRetentionDays { get; init; }

    /// <summary>Plain Parquet files instead of those that DMS writes. Default: none.</summary>
    public TableFeed? Feed { get; init; }

    /// <summary><see cref="NewColumns"/> with its default.</summary>
    [JsonIgnore]
    public NewColumnPolicy NewColumnPolicy => NewColumns ?? (Columns is null ? NewColumnPolicy.Add : NewColumnPolicy.Ignore);

    /// <summary>Whether rows may be proven: there is a source, and its changes have a sequence, as markers have.</summary>
    [JsonIgnore]
    public bool MayBeProven => Feed is null && Ordering is ChangeOrdering.ChangeSequence;

    /// <summary>Whether a target that is missing can be made of the definition: it names the key and the type of each column.</summary>
    [JsonIgnore]
    public bool MakesTarget => Key is not null && Columns is { } columns && columns.All(column => column.Type is not null);

    /// <summary>The source table's name.</summary>
    [JsonIgnore]
    public TableName Source => new(Schema, Name);

    /// <summary>The target table's name.</summary>
    /// <exception cref="CdcDmsException"><see cref="Target"/> is not <c>schema.name</c>.</exception>
    [JsonIgnore]
    public TableName TargetName => TableName.Parse(Target);
}
