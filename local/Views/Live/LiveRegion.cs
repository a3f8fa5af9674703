using System.Globalization;
using System.Text.RegularExpressions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CdcDms.Local.Views.Live;

/// <summary>
/// The last lines of a terminal, drawn again and again; other lines go above them and stay. (Spectre.Console's own live display clears the
/// screen and all that was scrolled away when the terminal gets smaller.)
/// </summary>
internal sealed partial class LiveRegion : IDisposable
{
    private const string Hide = "\e[?25l", Show = "\e[?25h", EraseRest = "\e[K", EraseBelow = "\e[J";

    private readonly Lock _lock = new();
    private readonly IAnsiConsole _console;
    private string[] _lines = [];
    private bool _ended;

    public LiveRegion(IAnsiConsole console)
    {
        _console = console;
        // The program may be ended in another way than by the end of the work.
        AppDomain.CurrentDomain.ProcessExit += End;
    }

    /// <summary>Draws a frame in the place of the one before.</summary>
    public void Draw(IRenderable frame)
    {
        var lines = _console.ToAnsi(frame).TrimEnd('\n').Split('\n');
        lock (_lock)
        {
            if (_ended)
                return;
            var begins = _lines.Length == 0;
            Write((begins ? Hide : ToFirstLine()) + string.Join($"{EraseRest}\n", lines) + EraseBelow);
            _lines = lines;
        }
    }

    /// <summary>Writes a line above the frame, where it stays. The terminal breaks it, so that it can be copied as one.</summary>
    /// <param name="line">Text that was made printable, or has the terminal's own sequences.</param>
    /// <returns>Whether it was written; after the end of the region it was not.</returns>
    public bool Above(string line)
    {
        lock (_lock)
        {
            if (!_ended)
                Write($"{(_lines.Length > 0 ? ToFirstLine() : "")}{EraseBelow}{line}\n{string.Join($"{EraseRest}\n", _lines)}");
            return !_ended;
        }
    }

    /// <summary>Takes the frame away: what is printed later says all of it.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            if (_lines.Length > 0)
                Write($"{ToFirstLine()}{EraseBelow}{Show}");
            _lines = [];
        }
    }

    /// <summary>The last frame stays, and the cursor is there again.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= End;
        End(null, EventArgs.Empty);
    }

    private void End(object? sender, EventArgs arguments)
    {
        lock (_lock)
        {
            if (!_ended && _lines.Length > 0)
                Write($"\n{Show}");
            _ended = true;
        }
    }

    // Where the terminal has become narrower, it has broken what it shows into more lines.
    private string ToFirstLine()
    {
        var width = Math.Max(1, _console.Profile.Width);
        var lines = _lines.Sum(line => Math.Max(1, (Cells(line) + width - 1) / width));
        return lines > 1 ? string.Create(CultureInfo.InvariantCulture, $"\r\e[{lines - 1}A") : "\r";
    }

    private static int Cells(string line) => CellText.Width(AnsiSequence().Replace(line, ""));

    [GeneratedRegex(@"\e\[[0-9;]*m")]
    private static partial Regex AnsiSequence();

    private void Write(string text)
    {
        _console.Profile.Out.Writer.Write(text);
        _console.Profile.Out.Writer.Flush();
    }
}
