namespace CdcDms.Pipeline.Validation;

/// <summary>A column of one side of a comparison, as SQL expressions of text.</summary>
/// <param name="Text">Equal values of both sides have equal texts here; an error for a value that the other side's type refuses.</param>
/// <param name="AsItIs">The value as its own type writes it.</param>
/// <param name="IsKey">Whether the column is part of the key.</param>
internal sealed record ComparedValue(string Text, string AsItIs, bool IsKey);
