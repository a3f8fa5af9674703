namespace CdcDms.Local.Tests.Types;

/// <summary>A column's type at the source, and where its values come from: expressions of PostgreSQL.</summary>
/// <param name="Name">The type as it is declared.</param>
/// <param name="Random">An expression of a random value; <c>r</c> is the row's number.</param>
/// <param name="Edges">Expressions of values at the type's limits, and of others that are easily spoilt.</param>
internal sealed record SourceType(string Name, string Random, params string[] Edges);
