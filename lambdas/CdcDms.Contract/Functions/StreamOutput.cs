namespace CdcDms.Contract.Functions;

/// <summary>Output of the stream function: what became of every record that it got. Lambda does not look at it.</summary>
public sealed record StreamOutput
{
    /// <summary>Records that were read.</summary>
    public required long Read { get; init; }

    /// <summary>Rows in change files, as the files count them: one for each message with data of a captured table.</summary>
    public required long Rows { get; init; }

    /// <summary>Messages about tables and columns, which hold no row.</summary>
    public required long Control { get; init; }

    /// <summary>
    /// Messages with data of DMS's own tables (<c>awsdms_…</c>), and markers that were passed on for a shard and taken by another one.
    /// </summary>
    public required long Ignored { get; init; }

    /// <summary>Records that could not be understood, which are kept whole in the lake.</summary>
    public required long Rejected { get; init; }

    /// <summary>Markers that were passed on to all shards, in which they become rows.</summary>
    public required long Passed { get; init; }

    /// <summary>Change files.</summary>
    public required int Files { get; init; }

    /// <summary>Key of the object that keeps the rejected records; null when there are none.</summary>
    public string? Rejects { get; init; }

    /// <summary>Messages that tell of a changed column or table, by their operation; among <see cref="Control"/>.</summary>
    public required IReadOnlyDictionary<string, int> Alterations { get; init; }

    /// <summary>The promise in numbers: every record has exactly one fate.</summary>
    public bool Balance() => Read == Rows + Control + Ignored + Rejected + Passed;
}
