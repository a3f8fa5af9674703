using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Local.ChangeFiles;
using CdcDms.Pipeline.Catalog;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>A defined table that is not captured.</summary>
/// <param name="Name">Schema and name at the source.</param>
/// <param name="Reason">Why not, and what to do: a sentence.</param>
internal sealed record RefusedTable(TableName Name, string Reason);

/// <summary>
/// The defined tables as PostgreSQL's catalog has them. One that cannot be captured is told and left out; it does not keep the others from
/// being captured.
/// </summary>
/// <param name="Tables">The tables that can be captured, in the order of their definitions.</param>
/// <param name="Refused">The others.</param>
internal sealed record SourceTables(IReadOnlyList<SourceTable> Tables, IReadOnlyList<RefusedTable> Refused)
{
    /// <summary>Looks the tables of the definitions up.</summary>
    public static async Task<SourceTables> ReadAsync(
        NpgsqlConnection connection, string source, IReadOnlyList<TableDefinition> definitions, CancellationToken cancellationToken)
    {
        var tables = new List<SourceTable>();
        var refused = new List<RefusedTable>();
        var facts = await TableFacts.ReadAsync(connection, [.. definitions.Select(table => table.Source)], cancellationToken);
        foreach (var definition in definitions)
        {
            try
            {
                var found = facts.GetValueOrDefault(definition.Source)
                    ?? throw new CdcDmsException(
                        ErrorKind.BadDefinition,
                        $"Table {definition.Source} does not exist in the source {source}; correct its definition.");
                tables.Add(await ReadAsync(connection, found, definition, cancellationToken));
            }
            catch (CdcDmsException fault) when (fault.Kind == ErrorKind.BadDefinition)
            {
                refused.Add(new RefusedTable(definition.Source, fault.Message));
            }
        }

        return new SourceTables(tables, refused);
    }

    /// <summary>The tables that a new capture takes: those whose rows and changes can both be had.</summary>
    public SourceTables OfNewCapture() => Without(table => table.SnapshotFault ?? table.StreamFault).WithoutPartitions();

    /// <summary>The tables that join a capture.</summary>
    /// <param name="captured">The tables that the capture has.</param>
    public SourceTables OfAddition(IReadOnlyList<TableName> captured) =>
        Without(table => Tables.Any(other => captured.Contains(other.Name) && other.Ancestors.Contains(table.Oid))
            ? $"Partitions of table {table.Name} are captured as tables of their own; define the partitioned table or its partitions, not "
                + "both."
            : captured.Contains(table.Name) ? null : table.SnapshotFault ?? table.StreamFault)
        .WithoutPartitions()
        .Without(captured);

    /// <summary>The tables that a capture goes on with.</summary>
    public SourceTables OfCapture() => WithoutPartitions();

    private SourceTables Without(IReadOnlyList<TableName> names) =>
        new([.. Tables.Where(table => !names.Contains(table.Name))], [.. Refused.Where(table => !names.Contains(table.Name))]);

    // The stream would say everything under the root's name, and the partition's folder would stay behind in silence.
    private SourceTables WithoutPartitions() => Without(table => Tables.Any(other => table.Ancestors.Contains(other.Oid))
        ? $"Table {table.Name} is a partition of another defined table; define the partitioned table or its partitions, not both."
        : null);

    private SourceTables Without(Func<SourceTable, string?> fault)
    {
        var (tables, refused) = (new List<SourceTable>(), Refused.ToList());
        foreach (var table in Tables)
            if (fault(table) is { } reason)
                refused.Add(new RefusedTable(table.Name, reason));
            else
                tables.Add(table);
        return new SourceTables(tables, refused);
    }

    private static async Task<SourceTable> ReadAsync(
        NpgsqlConnection connection, TableFacts facts, TableDefinition definition, CancellationToken cancellationToken)
    {
        var name = definition.Source;
        TableFaults.RefuseKind(name, facts);

        var (sent, generated) = await CapturedColumns.ReadAsync(connection, facts.Oid, cancellationToken);
        var columns = sent.Where(column => definition.LeaveOut?.Contains(column.Column.Name) != true).ToList();
        DmsTypes.CheckNames(name.ToString(), [.. columns.Select(column => column.Column)]);
        var key = facts.KeyOf(definition);
        TableFaults.RefuseLeaveOut(name, key, definition.LeaveOut);
        TableFaults.RefuseKey(name, facts, key, [.. columns.Select(column => column.Column.Name)], generated);
        var keyFault = TableFaults.OfKey(name, facts, key, connection.PostgreSqlVersion.Major < 18 ? [] : generated);
        return new SourceTable
        {
            Definition = definition,
            Oid = facts.Oid,
            Ancestors = facts.Ancestors,
            Partitioned = facts.Kind == 'p',
            Key = key,
            Columns = columns,
            SnapshotFault = TableFaults.OfSnapshot(name, facts),
            KeyFault = keyFault,
            StreamFault = TableFaults.OfStream(name, facts, keyFault),
        };
    }
}
