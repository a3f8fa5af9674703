using CdcDms.Pipeline.BinaryCopy;
using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Changes;

/// <summary>Files of one generation with the same columns of the same types, in key order.</summary>
/// <param name="Files">The files.</param>
/// <param name="Types">
/// Their columns with their types, as DuckDB names them; <see cref="StagedType.OfNulls"/> for one that may be of any, as it has no value.
/// </param>
/// <param name="BytesPerRow">Bytes of a row on average, not compressed.</param>
internal sealed record ShapedFiles(IReadOnlyList<FetchedFile> Files, IReadOnlyDictionary<string, string> Types, long BytesPerRow)
{
    // Ordering holds many rows at once, for which there is no memory when they are wide; and order saves little where each row fills
    // pages of its own.
    private const long WideRowBytes = 16 * 1024;

    /// <summary>The rows of the only file that are read; null for all rows of all files.</summary>
    public FilePart? Part { get; init; }

    // A value that a file has once for many rows takes its place in each of them once it is read, so bytes alone do not tell.
    private const long MostHeldRows = 1 << 19;

    /// <summary>How Spark has written the columns; null for files as they came into the lake.</summary>
    public IReadOnlyList<CarriedColumn>? Carried { get; init; }

    /// <summary>The generation that the files are of; 0 for those of a feed.</summary>
    public required int Generation { get; init; }

    /// <summary>How many rows each file has, in the order of <see cref="Files"/>.</summary>
    public required IReadOnlyList<long> Rows { get; init; }

    /// <summary>Whether there is any row; the columns of files without one mean nothing.</summary>
    public bool HaveRows => Rows.Any(rows => rows > 0);

    /// <summary>Whether rows are too wide to be ordered, or to be read by several threads.</summary>
    public bool AreWide => BytesPerRow > WideRowBytes;

    /// <summary>How many rows are read.</summary>
    public long RowsToRead => Part is { } part ? part.EndRow - part.FirstRow : Rows.Sum();

    /// <summary>Whether the rows that are read fit into some memory.</summary>
    public bool FitInto(long bytes) => RowsToRead <= MostHeldRows && RowsToRead * BytesPerRow < bytes;

    /// <summary>The first so many of the files.</summary>
    public ShapedFiles Take(int count) => this with { Files = [.. Files.Take(count)], Rows = [.. Rows.Take(count)] };

    /// <summary>What to call the files in a message.</summary>
    public override string ToString() =>
        Files.Count == 1 ? Files[0].Object.Key : $"{Files.Count} files from {Files[0].Object.Key} to {Files[^1].Object.Key}";
}
