namespace CdcDms.Pipeline.Ledger;

/// <summary>Rows of a file that is too large for one batch, by their place in the file.</summary>
/// <param name="FirstRow">The first, from 0; all rows before it are merged.</param>
/// <param name="EndRow">The first row that is no longer of the part.</param>
/// <param name="FileRows">How many rows the file has.</param>
internal sealed record FilePart(long FirstRow, long EndRow, long FileRows)
{
    /// <summary>Whether the file is merged with this part.</summary>
    public bool IsLast => EndRow == FileRows;

    /// <summary>The part's share of its file's bytes.</summary>
    public long BytesOf(long fileBytes) => (long)((Int128)fileBytes * (EndRow - FirstRow) / FileRows);
}
