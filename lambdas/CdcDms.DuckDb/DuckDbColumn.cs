using DuckDB.NET.Native;

namespace CdcDms.DuckDb;

/// <summary>A column of a result.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Precision">Digits of a decimal; 0 for any other type.</param>
/// <param name="Scale">Digits of a decimal after the point; 0 for any other type.</param>
public readonly record struct DuckDbColumn(string Name, DuckDBType Type, int Precision, int Scale);
