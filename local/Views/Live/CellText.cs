using System.Globalization;
using System.Text;
using Spectre.Console.Rendering;

namespace CdcDms.Local.Views.Live;

/// <summary>Texts in cells of a terminal, of which a letter may take two.</summary>
internal static class CellText
{
    /// <summary>The cells that a text takes.</summary>
    public static int Width(string text) => new Segment(text).CellCount();

    /// <summary>The text in exactly so many cells: filled up with blanks, or cut, with an ellipsis.</summary>
    public static string Left(string text, int width) => Fill(Cut(text, width), width, (cut, blanks) => cut + blanks);

    /// <inheritdoc cref="Left"/>
    public static string Right(string text, int width) => Fill(Cut(text, width), width, (cut, blanks) => blanks + cut);

    /// <summary>As <see cref="Left"/>, but what is cut is the beginning: tables of a schema differ in what is behind it.</summary>
    public static string LeftByEnd(string text, int width) =>
        Width(text) <= width ? Left(text, width)
        : Left("…" + Taken(Letters(text).Reverse(), width - 1, (all, letter) => letter + all), width);

    /// <summary>The text in at most so many cells.</summary>
    public static string Cut(string text, int width) =>
        Width(text) <= width ? text : width < 1 ? "" : Taken(Letters(text), width - 1, (all, letter) => all + letter) + "…";

    /// <summary>The text in lines of at most so many cells, broken between words; the last line is cut.</summary>
    public static IReadOnlyList<string> Wrap(string text, int width, int mostLines)
    {
        var lines = new List<StringBuilder> { new() };
        foreach (var word in text.Split(' '))
            if (lines[^1].Length == 0 || lines.Count == mostLines || Width($"{lines[^1]} {word}") <= width)
                lines[^1].Append(lines[^1].Length == 0 ? "" : " ").Append(word);
            else
                lines.Add(new StringBuilder(word));
        return [.. lines.Select(line => Cut(line.ToString(), width))];
    }

    private static string Fill(string text, int width, Func<string, string, string> join) =>
        join(text, new string(' ', Math.Max(0, width - Width(text))));

    private static string Taken(IEnumerable<string> letters, int width, Func<string, string, string> join)
    {
        var taken = "";
        foreach (var letter in letters)
        {
            var more = join(taken, letter);
            if (Width(more) > width)
                break;
            taken = more;
        }

        return taken;
    }

    private static IEnumerable<string> Letters(string text)
    {
        var letters = StringInfo.GetTextElementEnumerator(text);
        while (letters.MoveNext())
            yield return letters.GetTextElement();
    }
}
