using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Local.ChangeFiles;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>The full load: every row that each table had at the slot's start, in LOAD files, with a manifest per table.</summary>
internal sealed class FullLoad(CaptureRun run, string publication)
{
    /// <summary>Writes the files of one generation.</summary>
    /// <param name="definitions">The tables that are captured.</param>
    /// <param name="exported">Name of the snapshot that the slot's creation has exported.</param>
    /// <param name="generation">The generation's version, 35 digits.</param>
    /// <param name="startedUtc">The task's start, which every row carries as its timestamp (UseTaskStartTimeForFullLoadTimestamp).</param>
    /// <returns>The tables as the snapshot has them, those that were given up too.</returns>
    /// <exception cref="CdcDmsException">Source or lake failed, or no table is left.</exception>
    public async Task<IReadOnlyList<CapturedTable>> WriteAsync(
        IReadOnlyList<TableDefinition> definitions,
        string exported,
        string generation,
        DateTime startedUtc,
        CancellationToken cancellationToken)
    {
        await using var connection = await run.Source.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        await connection.ExecuteAsync($"SET TRANSACTION SNAPSHOT '{exported}'", cancellationToken);
        // Read again, inside the snapshot: these columns and these rows belong together.
        var found = (await SourceTables.ReadAsync(connection, run.Source.Name, definitions, cancellationToken)).OfNewCapture();
        if (found.Refused is [var changed, ..])
            throw new CdcDmsException(ErrorKind.Conflict, $"While the capture began: {changed.Reason} Then start it again.");
        foreach (var table in found.Tables)
            if (await BlockedSession.WatchAsync(
                run,
                connection.ProcessID,
                WriteOrGiveUpAsync(connection, table, ChangeTime.Text(startedUtc), cancellationToken)) is { } objects)
                await run.Lake.WriteManifestAsync(
                    new SnapshotManifest
                    {
                        Schema = table.Name.Schema,
                        Name = table.Name.Name,
                        Generation = generation,
                        Objects = objects,
                        Rows = objects.Sum(written => written.Rows),
                    },
                    cancellationToken);
        if (run.Marks.GivenUp == found.Tables.Count)
            throw new CdcDmsException(ErrorKind.BadData, string.Join(' ', run.Marks.All.Select(mark => $"{mark.Cause}.")));
        return await CatalogTables.DescribeAsync(connection, publication, found.Tables, cancellationToken);
    }

    /// <returns>The files; null if the table was given up, and then nothing of it is left.</returns>
    private async Task<IReadOnlyList<ManifestObject>?> WriteOrGiveUpAsync(
        NpgsqlConnection connection, SourceTable table, byte[] timestamp, CancellationToken cancellationToken)
    {
        string cause;
        // A row that cannot be read or written must not end the snapshot of the others.
        await connection.ExecuteAsync("SAVEPOINT one_table", cancellationToken);
        try
        {
            var objects = await WriteTableAsync(connection, table, timestamp, cancellationToken);
            await connection.ExecuteAsync("RELEASE SAVEPOINT one_table", cancellationToken);
            return objects;
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

        await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT one_table", cancellationToken);
        await run.Lake.DeleteSnapshotAsync(table.Name, cancellationToken);
        run.Marks.Add(table.Name, MarkKind.GivenUp, cause.TrimEnd('.'));
        return null;
    }

    // By class ("PostgreSQL Error Codes"): values, names and rights, a program's limits, damage; others are the server's or the session's.
    private static bool IsOfTable(PostgresException fault) => fault.SqlState[..2] is "22" or "42" or "54" or "XX";

    private async Task<IReadOnlyList<ManifestObject>> WriteTableAsync(
        NpgsqlConnection connection, SourceTable table, byte[] timestamp, CancellationToken cancellationToken)
    {
        var objects = new List<ManifestObject>();
        var columns = table.Columns.Select(column => column.Column).ToList();
        await using var copy = await connection.BeginRawBinaryCopyAsync(Select(table), cancellationToken);
        var reader = new BinaryCopyReader(copy, run.Options.ValueMegabytes * CaptureRun.Megabyte);
        await reader.ReadHeaderAsync(cancellationToken);
        var more = await reader.NextRowAsync(cancellationToken);
        // An empty table has no file (docs/dms-contract.md#object-layout).
        while (more)
        {
            await using var file = await ChangeFile.CreateAsync(table.Name, columns, run.NewPath(), cancellationToken);
            while (more && file.Bytes < run.Options.LoadFileMegabytes * CaptureRun.Megabyte)
            {
                file.BeginRow("I"u8, timestamp);
                for (var column = 0; column < columns.Count; column++)
                {
                    if (!await reader.NextFieldAsync(cancellationToken))
                        file.AppendNull();
                    else if (reader.TooLargeBytes == 0)
                        file.Append(reader.Field.Span);
                    else
                        throw run.TooLarge(table.Name, columns[column].Name, reader.TooLargeBytes);
                }

                // Full-load rows have an empty version (docs/dms-contract.md#change-sequence).
                await file.EndRowAsync([], cancellationToken);
                more = await reader.NextRowAsync(cancellationToken);
            }

            await file.CompleteAsync(cancellationToken);
            objects.Add(await run.Lake.PutLoadAsync(table.Name, objects.Count + 1, file.Path, file.Rows, cancellationToken));
            run.LoadWritten(file.Rows);
        }

        return objects;
    }

    private static string Select(SourceTable table)
    {
        var columns = string.Join(", ", table.Columns.Select(column => column.Text));
        return $"COPY (SELECT {columns} FROM {(table.Partitioned ? "" : "ONLY ")}{Sql.Identifier(table.Name)}) TO STDOUT (FORMAT binary)";
    }
}
