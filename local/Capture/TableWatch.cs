using CdcDms.Contract.Tables;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>
/// Looks into the source's catalog at each flush for what the stream does not say, and marks the tables concerned. A table that cannot go
/// on is given up for itself: the stream is one for all tables, and to stop it for one of them would stop all.
/// </summary>
internal sealed class TableWatch(CaptureRun run, Slot slot, NpgsqlConnection catalog, IReadOnlyList<CapturedTable> tables)
{
    private readonly Dictionary<TableName, TableDefinition> _definitions = run.Options.Tables.ToDictionary(table => table.Source);
    private IReadOnlyList<CapturedTable> _tables = tables;
    private IReadOnlyList<StreamedRelation> _streamed = [];
    private IReadOnlySet<uint> _running = new HashSet<uint>();

    /// <summary>Every table of the capture as it was seen last, those that were given up too.</summary>
    public IReadOnlyList<CapturedTable> Tables => _tables;

    /// <summary>OIDs of the tables that were given up, but of those that are captured under another name now.</summary>
    public IEnumerable<uint> GivenUp => _tables.Select(table => table.Oid).Except(Live().Select(table => table.Oid));

    /// <summary>Whether every table was given up but the one of markers.</summary>
    public bool IsEmpty => Live().All(table => table.TableName == MarkerTable.Name);

    /// <summary>Compares the catalog with the checkpoint, and the tables with their definitions, as at each start.</summary>
    /// <returns>The tables that are captured.</returns>
    public async Task<IReadOnlyList<SourceTable>> CheckAsync(CancellationToken cancellationToken)
    {
        await LookAsync([], cancellationToken);
        var captured = Live().ToDictionary(table => table.TableName);
        var defined = run.Options.Tables.Where(table => captured.ContainsKey(table.Source));
        var found = (await ReadAsync(defined, cancellationToken)).OfCapture();
        return Judge(found, captured);
    }

    /// <summary>Compares the catalog with what was seen last.</summary>
    /// <param name="streamed">What the stream has described since.</param>
    public async Task LookAsync(IEnumerable<StreamedRelation> streamed, CancellationToken cancellationToken)
    {
        _streamed = [.. _streamed, .. streamed];
        // Asked before the catalog: that has what all the others have made.
        _running = await RunningTransactions.AmongAsync(catalog, _streamed.Select(relation => relation.Transaction), cancellationToken);
        var live = Live().ToList();
        var found = (await CatalogTables.ReadAsync(catalog, slot.Name, live.Select(table => table.Oid), cancellationToken))
            .ToDictionary(entry => entry.Table.Oid);
        foreach (var before in live)
        {
            (bool published, string? root, CapturedTable? now) = found.GetValueOrDefault(before.Oid);
            if (TableChanges.WhyLost(before, now, published, root) is { } cause)
                run.Marks.Add(before.TableName, MarkKind.GivenUp, cause);
            else
                MarkSentAsAnother(before);
        }

        foreach (var before in Live().ToList())
            await CompareAsync(
                before,
                found[before.Oid].Table.By(before.Key, _definitions.GetValueOrDefault(before.TableName)?.LeaveOut),
                cancellationToken);
    }

    private async Task CompareAsync(CapturedTable before, CapturedTable now, CancellationToken cancellationToken)
    {
        // The next look compares again if a new partition is locked.
        if (await CatalogTables.FilledAsync(catalog, TableChanges.NewPartitions(before, now), cancellationToken) is not { } filled)
            return;
        if (TableChanges.IdentityDiffers(before, now))
            Judge(
                await ReadAsync(run.Options.Tables.Where(table => table.Source == now.TableName), cancellationToken),
                new Dictionary<TableName, CapturedTable> { [now.TableName] = now });
        if (!run.Marks.IsGivenUp(now.TableName) && TableChanges.WhyNotUnique(before, now) is { } ambiguous)
            run.Marks.Add(now.TableName, MarkKind.GivenUp, ambiguous);
        if (!run.Marks.IsGivenUp(now.TableName))
            MarkUnsent(before, now, filled);
        _streamed = [.. _streamed.Except(Seen(now))];
        _tables = [.. _tables.Select(table => table == before ? TableChanges.Remember(before, now) : table)];
    }

    private void MarkUnsent(CapturedTable before, CapturedTable now, IReadOnlyList<string> filled)
    {
        foreach (var (cause, parts) in TableChanges.Unsent(before, now, Seen(now)))
            run.Marks.Add(now.TableName, MarkKind.Unproven, cause, parts);
        if (filled.Count > 0)
            run.Marks.Add(
                now.TableName, MarkKind.Unproven, "a partition was attached, and the rows that it had before were not sent", filled);
    }

    private List<StreamedRelation> Seen(CapturedTable root) =>
        [.. _streamed.Where(relation => relation.Root == root.Oid && !_running.Contains(relation.Transaction))];

    /// <summary>Marks captured tables that were partitions of others when changes of them came, and are no more.</summary>
    private void MarkSentAsAnother(CapturedTable table)
    {
        foreach (var relation in _streamed.Where(
            relation => relation.IsPartition && relation.Oid == table.Oid && !_running.Contains(relation.Transaction)))
            run.Marks.Add(
                table.TableName,
                MarkKind.Unproven,
                $"the table was a partition of {_tables.First(root => root.Oid == relation.Root).TableName} for a time, and its changes of "
                + "then were sent as that table's");
    }

    /// <summary>Gives up what fails the checks of a start, or is not the table or the key that was captured.</summary>
    /// <returns>The others.</returns>
    private List<SourceTable> Judge(SourceTables found, Dictionary<TableName, CapturedTable> captured)
    {
        foreach (var table in found.Refused.Where(table => captured.ContainsKey(table.Name)))
            run.Marks.Add(table.Name, MarkKind.GivenUp, table.Reason.TrimEnd('.'));
        var live = new List<SourceTable>();
        foreach (var table in found.Tables)
        {
            var before = captured[table.Name];
            if (table.Oid != before.Oid)
                run.Marks.Add(table.Name, MarkKind.GivenUp, "another table has its name at the source now");
            else if (!table.Key.ToHashSet().SetEquals(before.Key))
                run.Marks.Add(
                    table.Name,
                    MarkKind.GivenUp,
                    $"its key was changed from ({string.Join(", ", before.Key)}) to ({string.Join(", ", table.Key)}) at the source");
            else if (table.KeyFault is { } fault)
                run.Marks.Add(table.Name, MarkKind.GivenUp, fault.TrimEnd('.'));
            else
            {
                live.Add(table);
                if (table.StreamFault is { } less)
                    run.Marks.Add(table.Name, MarkKind.Unproven, less.TrimEnd('.'));
            }
        }

        return live;
    }

    private Task<SourceTables> ReadAsync(IEnumerable<TableDefinition> definitions, CancellationToken cancellationToken) =>
        SourceTables.ReadAsync(catalog, run.Source.Name, [.. definitions], cancellationToken);

    private IEnumerable<CapturedTable> Live() => _tables.Where(table => !run.Marks.IsGivenUp(table.TableName));
}
