using Amazon.S3;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;

namespace CdcDms.Local.Capture;

/// <summary>What to capture, from where, to where. The defaults suit a demonstration; those of DMS are named beside them.</summary>
public sealed record CaptureOptions
{
    /// <summary>Npgsql's connection string of the source database. Its role needs REPLICATION and must own the tables.</summary>
    public required string SourceConnection { get; init; }

    /// <summary>The lake that is written; one lake has one capture.</summary>
    public required LakeUri Lake { get; init; }

    /// <summary>The client for the lake's bucket; the caller disposes it.</summary>
    public required IAmazonS3 S3 { get; init; }

    /// <summary>
    /// The tables. One that the lake's capture does not have yet is added to it; one that it has may only be missing if it is gone at the
    /// source, or in <see cref="GiveUp"/>. Those with a feed are left out, and so is each that cannot be captured.
    /// </summary>
    public required IReadOnlyList<TableDefinition> Tables { get; init; }

    /// <summary>
    /// Captured tables whose capture shall end; what the lake has of them stays. Such a table comes again only in a new generation.
    /// Default: none.
    /// </summary>
    public IReadOnlyList<TableName> GiveUp { get; init; } = [];

    /// <summary>
    /// The generation that the lake shall have at least: if its capture writes an older one, a snapshot of all tables begins this one, and
    /// the position and the marks of the older are forgotten. Default: null, the generation of the lake goes on.
    /// </summary>
    public int? Generation { get; init; }

    /// <summary>Seconds after which open files are closed (CdcMaxBatchInterval). Default: 5; DMS: 60.</summary>
    public int IntervalSeconds { get; init; } = 5;

    /// <summary>
    /// Megabytes of text at which a CDC file is closed before that (CdcMinFileSize). Default: 32, as DMS; the Parquet file is smaller.
    /// </summary>
    public int FileMegabytes { get; init; } = 32;

    /// <summary>
    /// Megabytes of values, as the source sends them, at which a LOAD file is closed (MaxFileSize). Default: 64; DMS: 1,024.
    /// </summary>
    public int LoadFileMegabytes { get; init; } = 64;

    /// <summary>
    /// Megabytes of text that a value may have; the table of a larger one is given up. Default: 256. A value is held several times while it
    /// is written, and again when it is merged.
    /// </summary>
    public int ValueMegabytes { get; init; } = 256;

    /// <summary>
    /// Megabytes that the unfinished row groups of all CDC files may hold together; above it the largest file is closed. Default: 128.
    /// </summary>
    public int OpenMegabytes { get; init; } = 128;

    /// <summary>
    /// When set, the capture ends by itself once no change came for this long and all that the source had written until then was read.
    /// Default: null, it runs until it is cancelled.
    /// </summary>
    public TimeSpan? UntilIdle { get; init; }

    /// <summary>The clock that intervals, idleness and the names of files go by. Default: the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Is told every step. Default: nobody is.</summary>
    public IProgress<CaptureProgress>? Progress { get; init; }
}

/// <summary>What a capture has done since it was started.</summary>
/// <param name="SnapshotRows">Rows written into LOAD files.</param>
/// <param name="ChangesCaptured">Rows written into CDC files; a changed primary key counts as two.</param>
/// <param name="FilesWritten">Files of both kinds that are in the lake.</param>
/// <param name="TablesRefused">Defined tables that are not captured, or no more; each was told in a warning.</param>
public sealed record CaptureTotals(long SnapshotRows, long ChangesCaptured, long FilesWritten, int TablesRefused = 0);

/// <summary>A step of a running capture.</summary>
public sealed record CaptureProgress
{
    /// <summary>Whether the capture is in its snapshot or in the stream.</summary>
    public required CapturePhase Phase { get; init; }

    /// <summary>What the capture has done since it was started.</summary>
    public required CaptureTotals Totals { get; init; }

    /// <summary>What this step did for one table; null when it is of no single one.</summary>
    public CapturedStep? Table { get; init; }

    /// <summary>Commit time of the last transaction read, by the source's clock, UTC; null before the first.</summary>
    public DateTime? LastCommitUtc { get; init; }

    /// <summary>
    /// A sentence that somebody should read: a table that is left out, what the capture waits for, a change that DMS would not carry
    /// either. Null on an ordinary step.
    /// </summary>
    public string? Warning { get; init; }
}

/// <summary>A step of a capture for one table.</summary>
/// <param name="Name">The source table.</param>
/// <param name="Rows">Rows that this step has read for a full load, or put into the lake as changes.</param>
/// <param name="Expected">
/// About how many rows the table's full load will have, as the server's last ANALYZE has it, 0 when nobody knows; set when it begins.
/// </param>
/// <param name="IsLoaded">Whether the table's full load has ended with this step.</param>
public sealed record CapturedStep(TableName Name, long Rows = 0, long? Expected = null, bool IsLoaded = false);
