using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Status;

/// <summary>
/// Tells where tables are in the source, in the lake and in the analytics database, side by side. It reads each of them whole, and changes
/// nothing.
/// </summary>
/// <param name="lake">The lake.</param>
/// <param name="sourceConnection">Connection string of the source database; null when the source is left out.</param>
/// <param name="targetConnection">Connection string of the analytics database.</param>
/// <param name="time">Tells when the lake is listed; the system's clock when null.</param>
public sealed class LakeStatusJob(LakeReader lake, string? sourceConnection, string targetConnection, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Takes how far a table is.</summary>
    public IProgress<CountProgress>? Progress { get; init; }

    /// <summary>Reads where a table is. A place that cannot be read is told as a failure, and keeps no other from being read.</summary>
    public async Task<TablePlaces> ReadAsync(TableDefinition table, CancellationToken cancellationToken)
    {
        var failures = new Failures();
        // From the end of the way to its beginning: what is told of a place is never newer than what is told of those before.
        await using var analytics = await failures.NoteAsync(
            () => AnalyticsReader.OpenAsync(targetConnection, table, lake.Lake, cancellationToken));
        var listed = await failures.NoteAsync(() => ListAsync(table, cancellationToken));
        var waiting = listed is null || analytics is null ? null
            : await failures.NoteAsync(() => analytics.WaitingAsync(lake.Lake, listed.Files, cancellationToken));
        Progress?.Report(new CountProgress(table.Source, 0, listed?.Files.Count ?? 0));

        using var counted = listed is null ? null
            : failures.Note(() => new LakeRows(lake, table, analytics?.Target ?? KeyOnly(table)));
        var source = sourceConnection is null || table.Feed is not null ? Task.FromResult<SourcePlace?>(null)
            : failures.NoteAsync(
                () => new SourceReader(sourceConnection, table).ReadAsync(listed?.NewestMarker, BeganUtc(listed), cancellationToken));
        var target = analytics is null ? Task.FromResult<AnalyticsPlace?>(null)
            : failures.NoteAsync(() => analytics.ReadAsync(cancellationToken));
        // DuckDB's calls do not return before their work is done.
        var rows = counted is null ? null : await failures.NoteAsync(() => Task.Run(
            async () => (long?)await counted.CountAsync(listed!.Files, read => Report(table, read, listed.Files.Count), cancellationToken),
            cancellationToken));
        var places = new TablePlaces(table.Source.ToString())
        {
            Target = table.Target,
            Source = await source,
            Lake = listed is null ? null : Place(listed, waiting, counted, rows),
            Analytics = await target,
        };
        return places with
        {
            Notes = [.. StatusNotes.Of(table, lake.Lake, analytics, listed?.Files, counted?.Unreadable ?? [])],
            Failures = failures.Sentences,
        };
    }

    private async Task<Listed> ListAsync(TableDefinition table, CancellationToken cancellationToken)
    {
        var marker = table.Feed is not null ? null : await new LakeMarkers(lake, _time).NewestAsync(cancellationToken);
        var listedUtc = _time.GetUtcNow().UtcDateTime;
        return new Listed(listedUtc, await LakeFiles.ListAsync(lake, table, cancellationToken), marker);
    }

    // A lake that has just begun gets no marker of before.
    private static DateTime BeganUtc(Listed? listed) => listed is { NewestMarker: null, Files: [_, ..] files }
        ? files.Min(file => file.ModifiedUtc) : DateTime.UnixEpoch;

    private void Report(TableDefinition table, int read, int files) => Progress?.Report(new CountProgress(table.Source, read, files));

    private static LakePlace Place(Listed listed, IReadOnlyList<LakeObject>? waiting, LakeRows? counted, long? rows) => new(listed.Utc)
    {
        Files = listed.Files.Count,
        Rows = rows,
        NewestVersion = rows is null || counted!.NewestVersion == default ? null : counted.NewestVersion.ToString(),
        NewestCommitUtc = rows is null ? null : counted!.NewestCommitUtc,
        NewestMarker = listed.NewestMarker,
        WaitingFiles = waiting?.Count,
        WaitingBytes = waiting?.Sum(file => file.Bytes),
        WaitingSinceUtc = waiting is { Count: > 0 } ? waiting.Min(file => file.ModifiedUtc) : null,
    };

    /// <summary>What stands for a target that does not exist: rows are counted by their keys alone.</summary>
    /// <exception cref="CdcDmsException">The definition does not tell the key.</exception>
    private static TargetTable KeyOnly(TableDefinition table)
    {
        var key = table.Key ?? throw new CdcDmsException(
            ErrorKind.BadDefinition,
            $"The rows of {table.Source} in the lake were not counted: {table.Target} cannot be looked at, and the definition has no key; "
            + "add \"key\" to it.");
        return new TargetTable(table.TargetName, [.. key.Select(name => new TargetColumn(
            name, name, "text", IsKey: true, KeyIsPlain: true, Collate: "", NullMayMeanUnchanged: false)
        {
            CastType = "text",
            Modifier = -1,
            Default = TargetColumn.NoDefault,
            IsAlwaysIdentity = false,
            TypeIsGiven = false,
        })])
        {
            SoftDeletes = false,
            HasRegisters = false,
            HasNarrowVersions = false,
            IsPartitioned = false,
            KnownNames = key.ToHashSet(),
        };
    }

    /// <summary>A table's files as they were at a moment.</summary>
    private sealed record Listed(DateTime Utc, IReadOnlyList<LakeObject> Files, MarkerPoint? NewestMarker);
}
