namespace CdcDms.Rules.Pages;

/// <summary>A block of a page between fences.</summary>
/// <param name="Info">What follows the opening fence: the language, then words about it.</param>
/// <param name="Code">The lines between the fences.</param>
internal sealed record FencedBlock(string Info, string Code);
