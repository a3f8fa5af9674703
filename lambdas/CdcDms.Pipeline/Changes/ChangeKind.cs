using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Changes;

/// <summary>What the rows of a batch are, and so where their version comes from.</summary>
internal abstract record ChangeKind
{
    private ChangeKind()
    {
    }

    /// <summary>What the files of a table are that are not of a full load.</summary>
    public static ChangeKind Of(TableDefinition table) => table.Feed is { } feed ? new Feed(feed.OrderBy) : new Stream(table.Ordering);

    /// <summary>Columns that its files must have besides the key.</summary>
    public virtual IReadOnlyList<string> RequiredColumns => [];

    /// <summary>Full-load files: each row is older than every change of its generation, and newer than all of older ones.</summary>
    public sealed record Snapshot : ChangeKind;

    /// <summary>CDC files: each row carries its place in the order of its generation.</summary>
    public sealed record Stream(ChangeOrdering Ordering) : ChangeKind
    {
        public override IReadOnlyList<string> RequiredColumns =>
            [ChangeColumns.Operation, Ordering is ChangeOrdering.ChangeSequence ? ChangeColumns.Sequence : ChangeColumns.Timestamp];
    }

    /// <summary>Plain files: each row is an upsert.</summary>
    public sealed record Feed(string? OrderBy) : ChangeKind
    {
        public override IReadOnlyList<string> RequiredColumns => OrderBy is null ? [] : [OrderBy];
    }
}

/// <summary>Which changes are reduced and merged together.</summary>
internal enum ChangePart
{
    /// <summary>All: of each key the last change.</summary>
    All,

    /// <summary>Deletes: of each key the last delete.</summary>
    Deletes,

    /// <summary>Inserts and updates: of each key the last one.</summary>
    Images,

    /// <summary>The deletes of old keys that follow from updates which gave a row another key.</summary>
    Moves,
}
