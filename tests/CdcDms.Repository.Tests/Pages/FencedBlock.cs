namespace CdcDms.Rules.Pages;

/// <summary>A block of a page between fences.</summary>
/// <param name="Info">What follows the opening fence: the language, then what the commands need.</param>
/// <param name="Code">The lines between the fences.</param>
internal sealed record FencedBlock(string Info, string Code)
{
    /// <summary>Whether it has commands.</summary>
    public bool IsShell => Info == "sh" || Info.StartsWith("sh ", StringComparison.Ordinal);
}
