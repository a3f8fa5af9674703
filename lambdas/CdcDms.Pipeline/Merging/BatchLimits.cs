using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Merging;

/// <summary>How much one batch takes at most. A batch always takes something: one file, or some rows of one.</summary>
public sealed record BatchLimits
{
    /// <summary>What a merge orders within 512 MiB of memory, when no function's end is near.</summary>
    public static BatchLimits Default { get; } = new() { Bytes = 1L << 30, FileBytes = 1L << 30, Files = 5_000, Rows = 1L << 25 };

    /// <summary>Bytes of Parquet of files that are merged together.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bytes of one file. A larger one is merged in parts of about as many.</summary>
    public required long FileBytes { get; init; }

    /// <summary>Files.</summary>
    public required int Files { get; init; }

    /// <summary>Rows. A file of more is merged in parts.</summary>
    public required long Rows { get; init; }

    /// <summary>Keys of each group of the batch's files that are noted for the table's next proof. Default: none.</summary>
    public int SampledKeys { get; init; }

    /// <summary>The limits within what the table's last batches have shown to fit.</summary>
    internal BatchLimits Within(BatchBound bound) => this with
    {
        Bytes = Math.Min(Bytes, bound.Bytes ?? Bytes),
        FileBytes = Math.Min(FileBytes, bound.Bytes ?? FileBytes),
        Files = Math.Min(Files, bound.Files ?? Files),
    };
}
