namespace CdcDms.House;

/// <summary>A file of C#.</summary>
/// <param name="Project">The project that it belongs to.</param>
/// <param name="Path">Its path in the repository, with slashes.</param>
/// <param name="Room">The first folder below the project's own. A file that stands in the project's own folder is a room by itself.</param>
/// <param name="Lines">Its text.</param>
public sealed record SourceFile(string Project, string Path, string Room, IReadOnlyList<string> Lines);
