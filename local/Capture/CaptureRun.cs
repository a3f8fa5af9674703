using System.Globalization;
using CdcDms.Contract;
using CdcDms.DuckDb;

namespace CdcDms.Local.Capture;

/// <summary>What the parts of one running capture share: source, lake, a folder for files on their way, and the counts.</summary>
internal sealed class CaptureRun : IDisposable
{
    /// <summary>Bytes in the megabyte of the options.</summary>
    public const long Megabyte = 1 << 20;

    private readonly WorkFolder _folder = WorkFolder.Create();
    private CaptureTotals _totals = new(0, 0, 0, 0);
    private int _paths;

    public CaptureRun(CaptureOptions options)
    {
        Options = options;
        Source = new Source(options.SourceConnection);
        Lake = new LakeWriter(options.S3, options.Lake, options.Clock);
    }

    public CaptureOptions Options { get; }

    public Source Source { get; }

    public LakeWriter Lake { get; }

    /// <summary>The counts so far.</summary>
    public CaptureTotals Totals => _totals;

    /// <summary>Whether the capture is in its snapshot or in the stream.</summary>
    public CapturePhase Phase { get; set; }

    /// <summary>Commit time of the last transaction read.</summary>
    public DateTime? LastCommitUtc { get; set; }

    /// <summary>A path for a file on its way.</summary>
    public string NewPath() => Path.Combine(_folder.Path, string.Create(CultureInfo.InvariantCulture, $"{++_paths}.parquet"));

    /// <summary>A LOAD file is in the lake.</summary>
    public void LoadWritten(long rows)
    {
        _totals = _totals with { SnapshotRows = _totals.SnapshotRows + rows, FilesWritten = _totals.FilesWritten + 1 };
        Report();
    }

    /// <summary>A CDC file is in the lake.</summary>
    public void ChangesWritten(long rows)
    {
        _totals = _totals with { ChangesCaptured = _totals.ChangesCaptured + rows, FilesWritten = _totals.FilesWritten + 1 };
        Report();
    }

    /// <summary>Tells the tables that are left out. Without any other there is nothing to capture.</summary>
    /// <exception cref="CdcDmsException">No table is left.</exception>
    public void Refuse(SourceTables found)
    {
        if (found.Tables.Count == 0)
            throw new CdcDmsException(ErrorKind.BadDefinition, string.Join(' ', found.Refused.Select(table => table.Reason)));
        _totals = _totals with { TablesRefused = found.Refused.Count };
        foreach (var table in found.Refused)
            Report($"{table.Name} is not captured. {table.Reason}");
    }

    /// <summary>Tells how things stand.</summary>
    public void Report(string? warning = null) =>
        Options.Progress?.Report(new CaptureProgress { Phase = Phase, Totals = _totals, LastCommitUtc = LastCommitUtc, Warning = warning });

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
