using CdcDms.Contract.Tables;
using CdcDms.Local.ChangeFiles;

namespace CdcDms.Local.Capture;

/// <summary>One column of a source table as the snapshot reads it.</summary>
/// <param name="Column">The column in a change file.</param>
/// <param name="Text">
/// The expression of the column's text: by the type's output function, as the stream sends it too. A cast to text may say something else
/// (inet, char, a cast of the user's).
/// </param>
/// <param name="Binary">
/// The expression of the column's value, where the snapshot reads it in PostgreSQL's binary format; null where it reads the text.
/// </param>
internal sealed record SourceColumn(FileColumn Column, string Text, string? Binary)
{
    /// <summary>The column of a LOAD file, with the form in which the snapshot reads it.</summary>
    public FileColumn Loaded => Column with { IsBinary = Binary is not null };
}

/// <summary>A table that is captured, or could be.</summary>
internal sealed record SourceTable
{
    /// <summary>The table's definition.</summary>
    public required TableDefinition Definition { get; init; }

    /// <summary>Schema and name at the source.</summary>
    public TableName Name => Definition.Source;

    /// <summary>The table's OID in <c>pg_class</c>.</summary>
    public required uint Oid { get; init; }

    /// <summary>OIDs of the tables that the table is a partition of.</summary>
    public required IReadOnlyList<uint> Ancestors { get; init; }

    /// <summary>Whether the table is partitioned; the changes of its partitions are then published under its name.</summary>
    public required bool Partitioned { get; init; }

    /// <summary>The columns that identify a row.</summary>
    public required IReadOnlyList<string> Key { get; init; }

    /// <summary>
    /// The columns that are captured: without the generated ones, which pgoutput does not send, and those that the definition leaves out.
    /// </summary>
    public required IReadOnlyList<SourceColumn> Columns { get; init; }

    /// <summary>Why the table cannot be published or its rows not read, in a sentence; null when they can.</summary>
    public required string? SnapshotFault { get; init; }

    /// <summary>Why its changes would not say which rows they are of, in a sentence; null when they do.</summary>
    public required string? KeyFault { get; init; }

    /// <summary>Why its changes would not say everything, or would no longer be possible, in a sentence; null when all is well.</summary>
    public required string? StreamFault { get; init; }
}
