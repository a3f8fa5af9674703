using CdcDms.Local.ChangeFiles;

namespace CdcDms.Local.Capture;

/// <summary>The CDC files that are being written, at most one for each table, and the memory that they hold together.</summary>
internal sealed class OpenFiles(CaptureRun run) : IAsyncDisposable
{
    private readonly Dictionary<uint, StreamedTable> _tables = [];
    private readonly long _mostHeld = run.Options.OpenMegabytes * CaptureRun.Megabyte;
    private readonly long _mostBytes = run.Options.FileMegabytes * CaptureRun.Megabyte;
    private long _held;

    /// <summary>What the stream has said of a table.</summary>
    public StreamedTable Of(SourceTable table)
    {
        if (!_tables.TryGetValue(table.Oid, out var streamed))
            _tables.Add(table.Oid, streamed = new StreamedTable(table));
        return streamed;
    }

    /// <summary>Closes a table's file if its changes are of another day than the next: a file is in the folder of one day.</summary>
    public Task CloseOlderAsync(StreamedTable table, DateTime commitUtc, CancellationToken cancellationToken) =>
        table.File is not null && table.FileCommitUtc.Date != commitUtc.Date ? CloseAsync(table, cancellationToken) : Task.CompletedTask;

    /// <summary>Opens a table's file unless it is open.</summary>
    public async ValueTask OpenAsync(StreamedTable table, DateTime commitUtc, CancellationToken cancellationToken)
    {
        if (table.File is not null)
            return;
        table.File = await ChangeFile.CreateAsync(
            table.Name, [.. table.Written.Select(place => table.Columns[place])], run.NewPath(), cancellationToken);
        table.FileCommitUtc = commitUtc;
    }

    /// <summary>After a row: closes the table's file if it is large enough, and the largest ones if all hold too much.</summary>
    public async ValueTask CloseLargeAsync(StreamedTable table, CancellationToken cancellationToken)
    {
        if (table.File is not { } file)
            return;
        _held += file.HeldBytes - table.CountedBytes;
        table.CountedBytes = file.HeldBytes;
        if (file.Bytes >= _mostBytes)
            await CloseAsync(table, cancellationToken);
        while (_held > _mostHeld && _tables.Values.MaxBy(open => open.CountedBytes) is { File: not null } largest)
            await CloseAsync(largest, cancellationToken);
    }

    /// <summary>Closes a table's file, if it is open: its rows are in the lake then.</summary>
    public async Task CloseAsync(StreamedTable table, CancellationToken cancellationToken)
    {
        if (table.File is not { } file)
            return;
        await file.CompleteAsync(cancellationToken);
        await run.Lake.PutCdcAsync(table.Name, run.Generation, table.FileCommitUtc, file.Path, cancellationToken);
        run.ChangesWritten(table.Name, file.Rows);
        Forget(table);
    }

    /// <summary>Closes every file.</summary>
    public async Task CloseAllAsync(CancellationToken cancellationToken)
    {
        foreach (var table in _tables.Values)
            await CloseAsync(table, cancellationToken);
    }

    /// <summary>Gives a table's file up, with its rows, and what the stream has said of it.</summary>
    public async ValueTask DropAsync(uint oid)
    {
        if (!_tables.Remove(oid, out var table) || table.File is not { } file)
            return;
        await file.DisposeAsync();
        Forget(table);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var table in _tables.Values)
            if (table.File is { } file)
                await file.DisposeAsync();
    }

    private void Forget(StreamedTable table)
    {
        _held -= table.CountedBytes;
        (table.File, table.CountedBytes) = (null, 0);
    }
}
