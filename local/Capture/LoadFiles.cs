using CdcDms.Contract.Lake;
using CdcDms.Local.ChangeFiles;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>
/// Writes the LOAD files of one table. While a file is uploaded the next one is written, and while a row group is written the next rows are
/// read.
/// </summary>
/// <param name="run">The capture.</param>
/// <param name="table">The table.</param>
/// <param name="timestamp">The timestamp of every row.</param>
internal sealed class LoadFiles(CaptureRun run, SourceTable table, byte[] timestamp)
{
    private readonly IReadOnlyList<FileColumn> _columns = [.. table.Columns.Select(column => column.Loaded)];
    private readonly List<ManifestObject> _objects = [];

    // Seldom enough to cost nothing, and often enough to be watched.
    private const int RowsOfStep = 10_000;

    private int _last;

    /// <summary>Writes the files.</summary>
    /// <param name="connection">A connection that sees the rows.</param>
    /// <returns>The files in their order.</returns>
    public async Task<IReadOnlyList<ManifestObject>> WriteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Files that a killed load has left may be merged already: a name that is written anew would be taken for a repeated load.
        _last = await run.Lake.LastLoadAsync(table.Name, run.Generation, cancellationToken);
        await using var copy = await connection.BeginRawBinaryCopyAsync(Select(table), cancellationToken);
        var reader = new BinaryCopyReader(copy, run.Options.ValueMegabytes * CaptureRun.Megabyte);
        await reader.ReadHeaderAsync(cancellationToken);
        Task<long>? uploading = null;
        try
        {
            // An empty table has no file (docs/dms-contract.md#object-layout).
            var more = await reader.NextRowAsync(cancellationToken);
            while (more)
            {
                await using var file = await ChangeFile.CreateAsync(table.Name, _columns, run.NewPath(), cancellationToken);
                more = await FillAsync(file, reader, cancellationToken);
                await file.CompleteAsync(cancellationToken);
                // One after another, so that a load that is killed leaves no gap among the names, and two files on the disk at most.
                await UploadedAsync(uploading);
                uploading = Task.Run(() => UploadAsync(file, cancellationToken), CancellationToken.None);
            }

            await UploadedAsync(uploading);
            return _objects;
        }
        finally
        {
            // A table that is given up must not get a file after its files were deleted.
            if (uploading is not null)
                await ((Task)uploading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Whether the file has enough, and there is another row.</returns>
    private async Task<bool> FillAsync(ChangeFile file, BinaryCopyReader reader, CancellationToken cancellationToken)
    {
        var (more, untold) = (true, 0);
        while (more && file.Bytes < run.Options.LoadFileMegabytes * CaptureRun.Megabyte)
        {
            file.BeginRow("I"u8, timestamp);
            if (reader.HasFields(_columns.Count))
                AppendFields(file, reader);
            else
                await AppendFieldsAsync(file, reader, cancellationToken);
            // Full-load rows have an empty sequence (docs/dms-contract.md#change-sequence).
            await file.EndRowAsync([], cancellationToken);
            if (++untold == RowsOfStep)
            {
                run.LoadRead(table.Name, untold);
                untold = 0;
            }

            more = await reader.NextRowAsync(cancellationToken);
        }

        if (untold > 0)
            run.LoadRead(table.Name, untold);
        return more;
    }

    private void AppendFields(ChangeFile file, BinaryCopyReader reader)
    {
        for (var column = 0; column < _columns.Count; column++)
            if (reader.TryTakeField(out var field))
                file.Append(field);
            else
                file.AppendNull();
    }

    private async Task AppendFieldsAsync(ChangeFile file, BinaryCopyReader reader, CancellationToken cancellationToken)
    {
        foreach (var column in _columns)
        {
            if (!await reader.NextFieldAsync(cancellationToken))
                file.AppendNull();
            else if (reader.TooLargeBytes == 0)
                file.Append(reader.Field.Span);
            else
                throw run.TooLarge(table.Name, column.Name, reader.TooLargeBytes);
        }
    }

    private async Task<long> UploadAsync(ChangeFile file, CancellationToken cancellationToken)
    {
        _objects.Add(await run.Lake.PutLoadAsync(
            table.Name, run.Generation, _last + _objects.Count + 1, file.Path, cancellationToken));
        return file.Rows;
    }

    private async Task UploadedAsync(Task<long>? uploading)
    {
        if (uploading is not null)
            run.LoadWritten(await uploading);
    }

    // The columns are those of the snapshot, and a COPY reads those of now: what takes the column for its type is an error where it became
    // another one. It is never computed.
    private static string Select(SourceTable table)
    {
        var columns = string.Join(", ", table.Columns.Select(column => column.Binary ?? column.Text));
        var typed = string.Concat(table.Columns.Where(column => column.Binary is not null).Select(column => $" OR {column.Text} IS NULL"));
        return $"COPY (SELECT {columns} FROM {(table.Partitioned ? "" : "ONLY ")}{Sql.Identifier(table.Name)} WHERE true{typed})"
            + " TO STDOUT (FORMAT binary)";
    }
}
