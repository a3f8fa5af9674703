using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>
/// Compares the definitions with a checkpoint. What may be a mistake in them ends the start before anything happens: a table that is given
/// up comes again only in a new generation.
/// </summary>
internal sealed class CapturedDefinitions(CaptureRun run, Slot slot, NpgsqlConnection connection)
{
    /// <summary>Looks for captured tables that have no definition, or one of another key.</summary>
    /// <exception cref="CdcDmsException">There is one.</exception>
    public async Task CheckAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        if (await UndefinedAsync(checkpoint, cancellationToken) is { Count: > 0 } undefined)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The lake {run.Options.Lake} was captured with other tables: {string.Join(", ", undefined)} has no definition now that "
                + "can be used, and going on would lose its changes; give the definition again, or end the capture of such a table with "
                + $"--give-up {undefined[0]}.");
        foreach (var table in checkpoint.Tables.Where(table => !run.Marks.IsGivenUp(table.TableName)))
            if (run.Options.Tables.FirstOrDefault(defined => defined.Source == table.TableName) is { } definition
                && !run.Options.GiveUp.Contains(table.TableName))
                await CheckAsync(table, definition, cancellationToken);
    }

    /// <summary>Looks whether <c>--give-up</c> names tables that there are.</summary>
    /// <exception cref="CdcDmsException">One is unknown.</exception>
    public static void CheckGiveUp(CaptureRun run, IEnumerable<TableName> known)
    {
        if (run.Options.GiveUp.Except(known).ToList() is [var unknown, ..])
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"--give-up names {unknown}, which the capture into {run.Options.Lake} does not have; correct it.");
    }

    /// <summary>Captured tables without a definition; of those that are gone at the source no change can come.</summary>
    private async Task<IReadOnlyList<TableName>> UndefinedAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var expected = run.Options.Tables.Select(table => table.Source).Concat(run.Options.GiveUp).ToHashSet();
        var undefined = checkpoint.Tables
            .Where(table => !expected.Contains(table.TableName) && !run.Marks.IsGivenUp(table.TableName)).ToList();
        var there = await CatalogTables.ReadAsync(connection, slot.Name, undefined.Select(table => table.Oid), cancellationToken);
        return [.. undefined.IntersectBy(there.Select(found => found.Table.Oid), table => table.Oid).Select(table => table.TableName)];
    }

    private static string Named(TableDefinition definition, IReadOnlyList<string> key) =>
        definition.Key is not null ? $"({string.Join(", ", key)})" : $"none, with which it would be ({string.Join(", ", key)})";

    private async Task CheckAsync(CapturedTable captured, TableDefinition definition, CancellationToken cancellationToken)
    {
        TableFaults.RefuseLeaveOut(captured.TableName, captured.Key, definition.LeaveOut);
        var facts = await TableFacts.ReadAsync(connection, [captured.TableName], cancellationToken);
        if (!facts.TryGetValue(captured.TableName, out var known) || known.KeyOf(definition) is not { } key
            || key.ToHashSet().SetEquals(captured.Key))
            return;
        // Where the source has another table, other columns or another key by now, the definition may be right, and the table cannot go on.
        var found = await CatalogTables.ReadAsync(connection, slot.Name, [captured.Oid], cancellationToken);
        if (found is [var (_, _, table)] && table.TableName == captured.TableName
            && captured.Key.All(name => table.Columns.Any(column => column.Name == name))
            && (definition.Key is not null || TableChanges.WhyNotUnique(captured, table.By(captured.Key, leftOut: null)) is null))
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The lake {run.Options.Lake} was captured with the key ({string.Join(", ", captured.Key)}) of table "
                + $"{captured.TableName}, and the definition has {Named(definition, key)}; correct it, or, if the key shall be another "
                + $"one, end the capture of the table with --give-up {captured.TableName} until a new generation.");
    }
}
