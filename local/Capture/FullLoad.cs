using System.Data;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Local.ChangeFiles;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>
/// The full load: every row that each table had at the slot's start, or when it was added, in LOAD files, with a manifest per table.
/// </summary>
internal sealed class FullLoad(CaptureRun run, string publication)
{
    private readonly List<string> _hidden = [];
    private bool _isOfSlot;

    /// <summary>Tables whose rows the snapshot did not see, since they were rewritten or truncated: their load is to come.</summary>
    public IReadOnlyList<string> Hidden => _hidden;

    /// <summary>Writes the files of one generation.</summary>
    /// <param name="definitions">The tables that are captured.</param>
    /// <param name="exported">Name of the snapshot that the slot's creation has exported.</param>
    /// <param name="startedUtc">The task's start, which every row carries as its timestamp (UseTaskStartTimeForFullLoadTimestamp).</param>
    /// <returns>The tables as the snapshot has them, those that were given up too.</returns>
    /// <exception cref="CdcDmsException">Source or lake failed, or no table is left.</exception>
    public async Task<IReadOnlyList<CapturedTable>> WriteAsync(
        IReadOnlyList<TableDefinition> definitions,
        string exported,
        DateTime startedUtc,
        CancellationToken cancellationToken)
    {
        _isOfSlot = true;
        await using var session = new SnapshotSession(run.Source, exported);
        // Read again, inside the snapshot: these columns and these rows belong together.
        var found = (await SourceTables.ReadAsync(
            await session.OpenAsync(cancellationToken), run.Source.Name, definitions, cancellationToken)).OfNewCapture();
        if (found.Refused is [var changed, ..])
            throw new CdcDmsException(ErrorKind.Conflict, $"While the capture began: {changed.Reason} Then start it again.");
        foreach (var table in found.Tables)
            await LoadAsync(await session.OpenAsync(cancellationToken), table, startedUtc, cancellationToken);
        if (found.Tables.All(table => table.Name == MarkerTable.Name || run.Marks.IsGivenUp(table.Name)))
            throw new CdcDmsException(ErrorKind.BadData, string.Join(' ', run.Marks.All.Select(mark => $"{mark.Cause}.")));
        return await CatalogTables.DescribeAsync(
            await session.OpenAsync(cancellationToken), publication, found.Tables, cancellationToken);
    }

    /// <summary>Writes the files of a table that has joined the running generation, or gives it up.</summary>
    /// <param name="captured">The table as it joined.</param>
    /// <param name="definition">Its definition.</param>
    /// <returns>False if the rows were rewritten meanwhile, and so the load is still to come.</returns>
    /// <exception cref="CdcDmsException">Source or lake failed.</exception>
    public async Task<bool> AddAsync(CapturedTable captured, TableDefinition definition, CancellationToken cancellationToken)
    {
        await using var connection = await run.Source.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var startedUtc = await connection.SingleAsync("SELECT clock_timestamp()", row => row.GetDateTime(0), cancellationToken);
        var found = (await SourceTables.ReadAsync(connection, run.Source.Name, [definition], cancellationToken)).OfNewCapture();
        if (found.Refused is [var refused, ..])
            run.Marks.Add(captured.TableName, MarkKind.GivenUp, refused.Reason.TrimEnd('.'));
        else if (found.Tables[0].Oid != captured.Oid)
            run.Marks.Add(captured.TableName, MarkKind.GivenUp, "another table has its name at the source now");
        else
            await LoadAsync(connection, found.Tables[0], startedUtc, cancellationToken);
        return _hidden.Count == 0;
    }

    private async Task LoadAsync(NpgsqlConnection connection, SourceTable table, DateTime startedUtc, CancellationToken cancellationToken)
    {
        run.LoadBegins(table.Name, await ExpectedRows.ReadAsync(connection, table.Oid, cancellationToken));
        if (await BlockedSession.WatchAsync(
            run,
            connection.ProcessID,
            WriteOrGiveUpAsync(connection, table, ChangeTime.Text(startedUtc), cancellationToken)) is not { } objects)
            return;
        var manifest = new SnapshotManifest
        {
            Schema = table.Name.Schema,
            Name = table.Name.Name,
            Generation = run.Generation,
            Objects = objects,
        };
        await run.Lake.WriteManifestAsync(manifest, cancellationToken);
        run.LoadEnds(table.Name);
    }

    /// <returns>The files; null if the load is not complete, and of a table that was given up nothing is left.</returns>
    private async Task<IReadOnlyList<ManifestObject>?> WriteOrGiveUpAsync(
        NpgsqlConnection connection, SourceTable table, byte[] timestamp, CancellationToken cancellationToken)
    {
        string cause;
        // A row that cannot be read or written must not end the snapshot of the others.
        await connection.ExecuteAsync("SAVEPOINT one_table", cancellationToken);
        try
        {
            var objects = await new LoadFiles(run, table, timestamp).WriteAsync(connection, cancellationToken);
            var hidden = await HiddenRows.FindAsync(connection, table.Oid, cancellationToken);
            await connection.ExecuteAsync("RELEASE SAVEPOINT one_table", cancellationToken);
            return hidden.Count > 0 ? Hide(table, hidden) : objects;
        }
        // The columns are those of the snapshot, and a COPY reads those of now.
        catch (PostgresException fault) when (_isOfSlot && fault.SqlState is PostgresErrorCodes.UndefinedColumn
            or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.CannotCoerce)
        {
            await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT one_table", cancellationToken);
            return Hide(table, [table.Name.ToString()]);
        }
        catch (CdcDmsException fault) when (fault.Kind is ErrorKind.BadData or ErrorKind.BadDefinition)
        {
            cause = fault.Message;
        }
        catch (PostgresException fault) when (IsOfTable(fault))
        {
            cause = $"its rows cannot be read: {fault.MessageText}";
        }
        catch (OutOfMemoryException)
        {
            cause = "its rows need more memory than there is";
        }

        if (connection.State == ConnectionState.Open)
            await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT one_table", cancellationToken);
        await run.Lake.DeleteLoadsAsync(table.Name, run.Generation, cancellationToken);
        run.Marks.Add(table.Name, MarkKind.GivenUp, cause.TrimEnd('.'));
        return null;
    }

    private List<ManifestObject>? Hide(SourceTable table, IReadOnlyList<string> hidden)
    {
        _hidden.Add(table.Name.ToString());
        run.Report(
            $"{string.Join(", ", hidden)} was truncated, or rewritten by ALTER TABLE, after the snapshot was taken, which does not show "
            + "its rows; they are read again, beside the stream.");
        return null;
    }

    // By class ("PostgreSQL Error Codes"): values, names and rights, a program's limits, damage; others are the server's or the session's,
    // but for a file that is missing.
    private static bool IsOfTable(PostgresException fault) =>
        fault.SqlState[..2] is "22" or "42" or "54" or "XX" || fault.SqlState == PostgresErrorCodes.UndefinedFile;
}
