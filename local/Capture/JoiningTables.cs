using CdcDms.Pipeline.Markers;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>
/// Tables that join a running generation. From the moment at which a table is in the publication, the stream has all changes of
/// transactions that begin to write the table then, and of others only a part. When those others have ended, a full load sees all that the
/// stream lacks. Its rows are older than every change of their generation, so it does not matter how much of the stream they have too, nor
/// whether a load that was killed has left some already.
/// </summary>
internal sealed class JoiningTables(CaptureRun run, Slot slot, NpgsqlConnection catalog)
{
    // PostgreSQL forgot until 2025 to tell transactions that it decodes of a change of the publication: after one that had written the
    // table before, others' changes could be left out, until the publication was touched again. Who wrote until then is waited for, too.
    private const int Waits = 2;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly List<Joining> _joining = [];
    private long _looked = run.Options.Clock.GetTimestamp();

    /// <summary>The tables whose full load is to come.</summary>
    public IReadOnlyList<string> Unloaded => [.. _joining.Select(table => table.Table.TableName.ToString())];

    /// <summary>
    /// Lets the defined tables that the capture does not have join its stream.
    /// </summary>
    /// <returns>The checkpoint with them, which is written.</returns>
    public async Task<Checkpoint> JoinAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var captured = checkpoint.Tables.ToDictionary(table => table.TableName);
        var found = (await SourceTables.ReadAsync(catalog, run.Source.Name, run.Options.Tables, cancellationToken))
            .OfAddition([.. captured.Keys]);
        run.Refuse(found.Refused);
        var added = new List<SourceTable>();
        foreach (var table in found.Tables)
            if (await Publication.AddAsync(catalog, slot.Name, table, cancellationToken))
                added.Add(table);
            else
                run.Refuse([new RefusedTable(
                    table.Name,
                    await Publication.IsOwnAsync(catalog, slot.Name, cancellationToken)
                        ? $"Somebody has table {table.Name} locked, as VACUUM and ALTER TABLE do; start the capture again to add it."
                        : $"Only the owner of publication {slot.Name} may add table {table.Name} to it; run ALTER PUBLICATION "
                            + $"{slot.Name} OWNER TO the role of the capture, and start the capture again.")]);
        var described = await CatalogTables.DescribeAsync(catalog, slot.Name, added, cancellationToken);
        var names = described.Select(table => table.TableName.ToString()).Concat(checkpoint.Unloaded ?? []).ToHashSet();
        var joined = checkpoint with
        {
            Tables = [.. checkpoint.Tables.Concat(described).OrderBy(table => table.TableName.ToString(), StringComparer.Ordinal)],
            Unloaded = [.. names],
        };
        // What was published by a start that was killed here, and is defined no more, would bind the application for nothing.
        await Publication.LeaveOutOthersAsync(catalog, slot.Name, joined.Tables.Select(table => table.Oid), cancellationToken);
        if (described.Count > 0)
            await run.Checkpoint.WriteAsync(joined with { Marks = run.Marks.All }, cancellationToken);
        return joined;
    }

    /// <summary>
    /// Loads the tables whose full load is to come, as far as nobody writes them: also those of an earlier start that was killed, and those
    /// of which the snapshot did not see the rows.
    /// </summary>
    public async Task BeginAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        foreach (var table in checkpoint.Tables.Where(table => checkpoint.Unloaded?.Contains(table.TableName.ToString()) == true))
        {
            // One that is gone at the source may have no definition any more.
            if (run.Options.Tables.All(defined => defined.Source != table.TableName))
                continue;
            var writers = new TableWriters(catalog, table.TableName);
            _joining.Add(new Joining(table, writers, await writers.NowAsync(cancellationToken)));
        }

        await LoadAsync(cancellationToken);
    }

    /// <summary>Loads each table for which no transaction is to be waited for any more; looks once a second.</summary>
    /// <returns>Whether a table was loaded, or given up, since.</returns>
    public async Task<bool> LoadInTimeAsync(CancellationToken cancellationToken)
    {
        if (_joining.Count == 0 || run.Options.Clock.GetElapsedTime(_looked) < Pause)
            return false;
        _looked = run.Options.Clock.GetTimestamp();
        try
        {
            return await LoadAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The next start loads the table from its first row.
            return false;
        }
    }

    private async Task<bool> LoadAsync(CancellationToken cancellationToken)
    {
        var before = _joining.Count;
        _joining.RemoveAll(table => run.Marks.IsGivenUp(table.Table.TableName));
        foreach (var table in _joining.ToList())
            if (await IsSettledAsync(table, cancellationToken)
                && await new FullLoad(run, slot.Name).AddAsync(
                    table.Table, run.Options.Tables.Single(defined => defined.Source == table.Table.TableName), cancellationToken))
                _joining.Remove(table);

        return _joining.Count < before;
    }

    private async Task<bool> IsSettledAsync(Joining table, CancellationToken cancellationToken)
    {
        while ((table.Writing = await table.Writers.StillAsync(table.Writing, cancellationToken)).Length == 0)
        {
            if (++table.Waited >= Waits)
                return true;
            await Publication.TouchAsync(catalog, slot.Name, cancellationToken);
            table.Writing = await table.Writers.NowAsync(cancellationToken);
        }

        if (table.Told != table.Writing[0])
            run.Report(
                $"The rows of {table.Table.TableName} are not loaded yet: "
                + $"{await table.Writers.NameAsync(table.Writing[0], cancellationToken)} wrote the table before "
                + "it joined the capture, and has not ended. The other tables go on.");
        table.Told = table.Writing[0];
        return false;
    }

    private sealed class Joining(CapturedTable table, TableWriters writers, string[] writing)
    {
        public CapturedTable Table => table;

        public TableWriters Writers => writers;

        public string[] Writing { get; set; } = writing;

        public int Waited { get; set; }

        public string? Told { get; set; }
    }
}
