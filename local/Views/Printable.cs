using System.Globalization;
using System.Text;

namespace CdcDms.Local.Views;

/// <summary>
/// Shows texts that came from elsewhere, such as keys, names and messages, without what a terminal would obey: control characters, line
/// breaks, and marks that turn the direction of the letters behind them. Each is shown as PostgreSQL's <c>E'…'</c> would have it written.
/// </summary>
internal static class Printable
{
    /// <summary>The text as one line.</summary>
    public static string Of(string text) => text.Any(IsObeyed) ? string.Concat(text.Select(Shown)) : text;

    /// <summary>A character in a line.</summary>
    public static string Shown(char letter) => letter switch
    {
        '\n' => @"\n",
        '\r' => @"\r",
        '\t' => @"\t",
        _ when IsObeyed(letter) => string.Create(CultureInfo.InvariantCulture, $@"\u{(int)letter:X4}"),
        _ => letter.ToString(),
    };

    // Of the marks in both ranges, Unicode Standard Annex 9 says that they embed, override or isolate a direction.
    private static bool IsObeyed(char letter) =>
        char.GetUnicodeCategory(letter) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || letter is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}

/// <summary>Writes all that is printed, so that nothing in it but line breaks and tabs has an effect on a terminal.</summary>
/// <param name="inner">The terminal, or what is in its place.</param>
internal sealed class PrintableWriter(TextWriter inner) : TextWriter(CultureInfo.InvariantCulture)
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => inner.Write(value is '\n' or '\t' ? value.ToString() : Printable.Shown(value));

    /// <inheritdoc/>
    public override void Write(string? value)
    {
        if (value is null || Printable.Of(value) == value)
            inner.Write(value);
        else
            foreach (var letter in value)
                Write(letter);
    }

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();
}
