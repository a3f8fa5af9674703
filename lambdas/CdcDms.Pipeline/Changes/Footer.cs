namespace CdcDms.Pipeline.Changes;

/// <summary>What a file's footer says.</summary>
/// <param name="File">The file.</param>
/// <param name="Shape">Its columns with their types, as one text.</param>
/// <param name="Rows">How many rows it has.</param>
internal sealed record Footer(FetchedFile File, string Shape, long Rows);
