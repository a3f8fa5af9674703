using Npgsql.Replication.PgOutput.Messages;

namespace CdcDms.Local.Capture;

/// <summary>A partition of which the stream has sent changes.</summary>
/// <param name="Root">OID of the captured table as whose changes they came.</param>
/// <param name="Oid">Its OID in <c>pg_class</c>.</param>
/// <param name="Name">Schema and name.</param>
/// <param name="Transaction">The transaction of the first change.</param>
internal sealed record StreamedPartition(uint Root, uint Oid, string Name, uint Transaction);

/// <summary>
/// The partitions of which the stream has sent changes since the last look into the catalog: one that was made and dropped between two
/// looks is nowhere else.
/// </summary>
/// <param name="tables">The tables that are captured, those that are given up later too.</param>
internal sealed class StreamedPartitions(IReadOnlyList<SourceTable> tables)
{
    private readonly Dictionary<uint, SourceTable> _tables = tables.ToDictionary(table => table.Oid);
    private readonly List<StreamedPartition> _partitions = [];
    private SourceTable? _root;

    /// <summary>
    /// Takes a description. That of a partition follows at once on its root's, before the partition's first change (maybe_send_schema,
    /// src/backend/replication/pgoutput/pgoutput.c of PostgreSQL).
    /// </summary>
    /// <param name="relation">The description.</param>
    /// <param name="transaction">The transaction that it came in.</param>
    public void Describe(RelationMessage relation, uint transaction)
    {
        if (_tables.TryGetValue(relation.RelationId, out var table))
        {
            _root = table;
            return;
        }

        if (_root is { Partitioned: true })
            _partitions.Add(new StreamedPartition(
                _root.Oid, relation.RelationId, $"{relation.Namespace}.{relation.RelationName}", transaction));
        _root = null;
    }

    /// <summary>Gives the partitions that came since this was asked last.</summary>
    public IReadOnlyList<StreamedPartition> Take()
    {
        IReadOnlyList<StreamedPartition> taken = [.. _partitions];
        _partitions.Clear();
        return taken;
    }
}
