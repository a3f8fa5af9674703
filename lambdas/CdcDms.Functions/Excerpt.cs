namespace CdcDms.Functions;

/// <summary>The beginning of a text that may be too long for those who get it.</summary>
internal static class Excerpt
{
    /// <summary>
    /// The text, or as much of it as fits with an ellipsis. Half of a surrogate pair would be refused by every JSON writer.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="most">Most characters of the result.</param>
    public static string Cut(this string text, int most)
    {
        if (text.Length <= most)
            return text;
        var end = most - 1;
        return $"{text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)]}…";
    }
}
