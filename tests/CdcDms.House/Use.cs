namespace CdcDms.House;

/// <summary>One file uses what another declares.</summary>
/// <param name="From">The file that uses.</param>
/// <param name="Line">The first line of the use, from 1.</param>
/// <param name="To">The file that declares.</param>
/// <param name="Name">The type that is used, or whose member is.</param>
public sealed record Use(SourceFile From, int Line, SourceFile To, string Name);
