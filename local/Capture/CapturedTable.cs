using System.Text.Json.Serialization;
using CdcDms.Contract.Tables;

namespace CdcDms.Local.Capture;

/// <summary>
/// What the source's catalog says of a captured table. The checkpoint keeps it, so that a change which sends no rows is noticed at the next
/// flush, or at the next start if nothing ran when it was made.
/// </summary>
internal sealed record CapturedTable
{
    /// <summary>Schema at the source.</summary>
    public required string Schema { get; init; }

    /// <summary>Name at the source.</summary>
    public required string Name { get; init; }

    /// <summary>The table's OID in <c>pg_class</c>: another table of the same name has another one.</summary>
    public required uint Oid { get; init; }

    /// <summary>The file of its rows (<c>pg_class.relfilenode</c>), which a rewrite replaces; 0 for a partitioned table.</summary>
    public required uint File { get; init; }

    /// <summary>
    /// What the source logs of an old row: the kind of identity, its columns and those of the primary key, and whether it logs no row at
    /// all.
    /// </summary>
    public required string Identity { get; init; }

    /// <summary>
    /// The end of the WAL when it was first seen with REPLICA IDENTITY FULL, which it has had since: the stream describes tables as they
    /// were when they were changed. Null without FULL, and in a checkpoint of before it was kept.
    /// </summary>
    public string? FullSince { get; init; }

    /// <summary>
    /// Its entry in the publication (<c>pg_publication_rel.oid</c>): a table that was taken out and put back has another one. Null in a
    /// checkpoint of before it was kept.
    /// </summary>
    public uint? Membership { get; init; }

    /// <summary>The columns that identify a row in the lake. The catalog does not say it, but the table's definition.</summary>
    public IReadOnlyList<string> Key { get; set; } = [];

    /// <summary>The columns of each index that is unique for all rows and at once.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Unique { get; init; }

    /// <summary>
    /// The columns that the lake has: those that the stream sends, without those that the definition leaves out, in the table's order.
    /// Behind them are those that were dropped or renamed since, of which the lake has the values.
    /// </summary>
    public required IReadOnlyList<CapturedColumn> Columns { get; init; }

    /// <summary>Those of its columns that the definition leaves out.</summary>
    public IReadOnlyList<string> LeftOut { get; set; } = [];

    /// <summary>The enum and composite types that its values have, also within arrays and each other.</summary>
    public required IReadOnlyList<CapturedType> Types { get; init; }

    /// <summary>The partitions of every level, by name; none of a table that is not partitioned.</summary>
    public required IReadOnlyList<CapturedPartition> Partitions { get; init; }

    /// <summary>Schema and name in one.</summary>
    [JsonIgnore]
    public TableName TableName => new(Schema, Name);

    /// <summary>Whether the source logs the whole old row; of a partitioned table the setting of its partitions counts.</summary>
    [JsonIgnore]
    public bool IsFull => Identity.StartsWith('f');

    /// <summary>Whether an index holds the key unique.</summary>
    [JsonIgnore]
    public bool IsKeyUnique => Unique.Any(columns => columns.All(Key.Contains));

    /// <summary>The table as it is captured.</summary>
    /// <param name="key">The columns that identify a row.</param>
    /// <param name="leftOut">The columns that are not captured.</param>
    public CapturedTable By(IReadOnlyList<string> key, IReadOnlyList<string>? leftOut) =>
        this with
        {
            Key = key,
            Columns = [.. Columns.Where(column => leftOut?.Contains(column.Name) != true)],
            LeftOut = [.. Columns.Select(column => column.Name).Where(name => leftOut?.Contains(name) == true)],
        };
}

/// <summary>A column of a captured table.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Number">
/// Its number in the table (<c>pg_attribute.attnum</c>): a column that was dropped and added again has another one.
/// </param>
/// <param name="Type">Its type in SQL.</param>
/// <param name="Altered">The transaction that made the column, or was the last to alter it.</param>
internal sealed record CapturedColumn(string Name, short Number, string Type, string Altered);

/// <summary>A type that decides how values look that are stored already.</summary>
/// <param name="Name">Its name in SQL.</param>
/// <param name="Oid">Its OID in <c>pg_type</c>.</param>
/// <param name="IsEnum">Whether it is an enum; else it is a composite type.</param>
/// <param name="Parts">
/// The values of an enum, of which none can be dropped: one that is gone was renamed. The numbers of a composite type's attributes.
/// </param>
internal sealed record CapturedType(string Name, uint Oid, bool IsEnum, IReadOnlyList<string> Parts);

/// <summary>A partition of a captured table.</summary>
/// <param name="Name">Schema and name.</param>
/// <param name="Oid">Its OID in <c>pg_class</c>.</param>
/// <param name="File">The file of its rows; 0 for a partition that is partitioned itself.</param>
/// <param name="Link">The transaction that made it a partition.</param>
/// <param name="Identity">As in <see cref="CapturedTable.Identity"/>.</param>
internal sealed record CapturedPartition(string Name, uint Oid, uint File, string Link, string Identity)
{
    /// <summary>As in <see cref="CapturedTable.FullSince"/>.</summary>
    public string? FullSince { get; init; }

    /// <summary>As in <see cref="CapturedTable.IsFull"/>.</summary>
    [JsonIgnore]
    public bool IsFull => Identity.StartsWith('f');
}
