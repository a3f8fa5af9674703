using System.Globalization;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
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
        Checkpoint = new CheckpointObject(options.S3, options.Lake, Lake.Unspoken);
        Marks = new TableMarks(options.Clock, Report);
    }

    public CaptureOptions Options { get; private set; }

    public Source Source { get; }

    public LakeWriter Lake { get; }

    public CheckpointObject Checkpoint { get; }

    /// <summary>The tables of which the lake does not say everything.</summary>
    public TableMarks Marks { get; }

    /// <summary>The counts so far.</summary>
    public CaptureTotals Totals => _totals with
    {
        // Nobody defines the table of markers.
        TablesRefused = _totals.TablesRefused
            + Options.Tables.Count(table => table.Source != MarkerTable.Name && Marks.IsGivenUp(table.Source)),
    };

    /// <summary>Whether the capture is in its snapshot or in the stream.</summary>
    public CapturePhase Phase { get; set; }

    /// <summary>The generation that is being written; set when the checkpoint is read or begun.</summary>
    public int Generation { get; set; }

    /// <summary>Commit time of the last transaction read.</summary>
    public DateTime? LastCommitUtc { get; set; }

    /// <summary>A path for a file on its way.</summary>
    public string NewPath() => Path.Combine(_folder.Path, string.Create(CultureInfo.InvariantCulture, $"{++_paths}.parquet"));

    /// <summary>A table's full load begins, of about so many rows; 0 when nobody knows.</summary>
    public void LoadBegins(TableName table, long expected) => Report(new CapturedStep(table, Expected: expected));

    /// <summary>So many more rows of a table's full load were read.</summary>
    public void LoadRead(TableName table, long rows) => Report(new CapturedStep(table, rows));

    /// <summary>A table's full load has ended.</summary>
    public void LoadEnds(TableName table) => Report(new CapturedStep(table, IsLoaded: true));

    /// <summary>A LOAD file is in the lake.</summary>
    public void LoadWritten(long rows)
    {
        _totals = _totals with { SnapshotRows = _totals.SnapshotRows + rows, FilesWritten = _totals.FilesWritten + 1 };
        Report();
    }

    /// <summary>A CDC file is in the lake.</summary>
    public void ChangesWritten(TableName table, long rows)
    {
        _totals = _totals with { ChangesCaptured = _totals.ChangesCaptured + rows, FilesWritten = _totals.FilesWritten + 1 };
        Report(new CapturedStep(table, rows));
    }

    /// <summary>Captures markers beside the defined tables.</summary>
    public void AddMarkers() => Options = Options with { Tables = [.. Options.Tables, MarkerTable.Definition] };

    /// <summary>Tells that markers are not captured: nothing is lost, but nobody can tell how fresh the lake is.</summary>
    public void WithoutMarkers(string reason) => Report($"Markers are not captured. {reason}");

    /// <summary>Tells the tables that are left out.</summary>
    public void Refuse(IReadOnlyList<RefusedTable> refused)
    {
        _totals = _totals with { TablesRefused = _totals.TablesRefused + refused.Count };
        foreach (var table in refused)
            Report($"{table.Name} is not captured. {table.Reason}");
    }

    /// <summary>The end of a capture that would leave out changes if it went on.</summary>
    public CdcDmsException Lost(string reason, Exception? fault = null) => new(
        ErrorKind.BadData,
        $"The capture into {Options.Lake} cannot go on, since changes may be missing: {reason}. {Anew}",
        fault);

    /// <summary>How to load every table again.</summary>
    public string Anew =>
        Generation >= LakeLayout.MostGenerations
            ? $"The lake has {LakeLayout.MostGenerations} generations, which is as many as it can have: use a new prefix and new targets."
            : $"Load every row anew by starting it with --generation {Generation + 1}, merge, and look whether validate finds all tables "
                + "identical.";

    /// <summary>The end of a table with a value that is too large.</summary>
    public CdcDmsException TooLarge(TableName table, string column, long bytes) => new(
        ErrorKind.BadData,
        $"Column {column} of table {table} has a value of {bytes / Megabyte} MB as text, and one of more than {Options.ValueMegabytes} MB "
        + "would need too much memory, here and when it is merged.");

    /// <summary>Tells how things stand.</summary>
    public void Report(string? warning = null) => Report(null, warning);

    private void Report(CapturedStep? table, string? warning = null) => Options.Progress?.Report(new CaptureProgress
    {
        Phase = Phase,
        Totals = Totals,
        Table = table,
        LastCommitUtc = LastCommitUtc,
        Warning = warning,
    });

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
