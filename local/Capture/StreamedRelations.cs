using Npgsql.Replication.PgOutput.Messages;
using NpgsqlTypes;

namespace CdcDms.Local.Capture;

/// <summary>A table or partition as the stream has described it before changes of it.</summary>
/// <param name="Root">OID of the captured table as whose changes they came.</param>
/// <param name="Oid">Its own OID in <c>pg_class</c>: another one for a partition.</param>
/// <param name="Name">Schema and name.</param>
/// <param name="Transaction">The transaction of the first change.</param>
/// <param name="Committed">Where the record of that transaction's commit begins.</param>
/// <param name="IsFull">Whether it had REPLICA IDENTITY FULL.</param>
/// <param name="Columns">The names of its columns.</param>
internal sealed record StreamedRelation(
    uint Root, uint Oid, string Name, uint Transaction, NpgsqlLogSequenceNumber Committed, bool IsFull, IReadOnlyList<string> Columns)
{
    /// <summary>Whether it was a partition.</summary>
    public bool IsPartition => Oid != Root;
}

/// <summary>
/// What the stream has described since the last look into the catalog: a partition that was made and dropped between two looks, or a table
/// that was otherwise for a time, is nowhere else.
/// </summary>
/// <param name="tables">The tables that are captured, those that are given up later too.</param>
internal sealed class StreamedRelations(IReadOnlyList<SourceTable> tables)
{
    private readonly Dictionary<uint, SourceTable> _tables = tables.ToDictionary(table => table.Oid);
    private readonly List<StreamedRelation> _relations = [];
    private SourceTable? _partitioned;

    /// <summary>
    /// Takes a description. That of a partition follows at once on its root's, before the partition's first change (maybe_send_schema,
    /// src/backend/replication/pgoutput/pgoutput.c of PostgreSQL).
    /// </summary>
    /// <param name="relation">The description.</param>
    /// <param name="begin">The transaction that it came in.</param>
    public void Describe(RelationMessage relation, BeginMessage begin)
    {
        var root = _partitioned ?? _tables.GetValueOrDefault(relation.RelationId);
        var isRoot = root?.Oid == relation.RelationId;
        _partitioned = isRoot && root!.Partitioned ? root : null;
        if (root is not null)
            _relations.Add(new StreamedRelation(
                root.Oid,
                relation.RelationId,
                $"{relation.Namespace}.{relation.RelationName}",
                begin.TransactionXid,
                begin.TransactionFinalLsn,
                relation.ReplicaIdentity == RelationMessage.ReplicaIdentitySetting.AllColumns,
                [.. relation.Columns.Select(column => column.ColumnName)]));
    }

    /// <summary>
    /// Takes a TRUNCATE. It is of the tables described before it, a partitioned one as well, whose partition does not follow then.
    /// </summary>
    /// <param name="oids">The tables that were truncated.</param>
    public void Truncate(IReadOnlyCollection<uint> oids)
    {
        _partitioned = null;
        _relations.RemoveAll(relation => relation.IsPartition && oids.Contains(relation.Oid) && oids.Contains(relation.Root));
    }

    /// <summary>Gives what came since this was asked last.</summary>
    public IReadOnlyList<StreamedRelation> Take()
    {
        IReadOnlyList<StreamedRelation> taken = [.. _relations];
        _relations.Clear();
        return taken;
    }
}
