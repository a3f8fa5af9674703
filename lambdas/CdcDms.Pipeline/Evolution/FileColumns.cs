namespace CdcDms.Pipeline.Evolution;

/// <summary>The columns of files that have come for a table.</summary>
/// <param name="Files">What to call the files in a message.</param>
/// <param name="Types">The columns with their types, as DuckDB's SQL names them.</param>
internal sealed record FileColumns(string Files, IReadOnlyDictionary<string, string> Types);
