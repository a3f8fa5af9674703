using Spectre.Console;

namespace CdcDms.Local.Views.Live;

/// <summary>A line per table, in columns that fit a width: what is not known of any table has no column.</summary>
internal sealed class TableColumns
{
    private const string Newest = "newest change";
    private const string Gap = "  ";
    private const int LeastOfNames = 12;
    private const int LeastOfStates = 9;
    private const int RoomForTitle = 12;

    private readonly LiveSnapshot _snapshot;
    private readonly bool _isUnicode;
    private readonly string _counted, _newest;
    private readonly int _name, _state, _bar, _number, _time;

    /// <param name="snapshot">What is drawn.</param>
    /// <param name="tables">The tables that are drawn.</param>
    /// <param name="width">Cells of a line.</param>
    /// <param name="isUnicode">Whether the terminal draws more than ASCII.</param>
    public TableColumns(LiveSnapshot snapshot, IReadOnlyList<LiveTable> tables, int width, bool isUnicode)
    {
        (_snapshot, _isUnicode) = (snapshot, isUnicode);
        _newest = width < 80 ? "newest" : Newest;
        _counted = snapshot.Counted;
        var number = tables.Max(table => CellText.Width(Numbers(table)));
        _time = tables.Max(table => CellText.Width(Time(table)));
        // A title is no reason for a column.
        if (_time > 0 && tables.Any(table => table.NewestUtc is not null))
            _time = Math.Max(_time, CellText.Width(_newest));
        _number = number == 0 ? 0 : Math.Max(number, CellText.Width(_counted));
        if (Rest(width) < LeastOfNames + LeastOfStates + RoomForTitle)
            _number = number;
        _bar = tables.All(table => table.Total is null) ? 0 : width >= 100 ? 20 : width >= 80 ? 10 : width >= 60 ? 6 : 0;
        if (Rest(width) < LeastOfNames + LeastOfStates)
            _bar = 0;
        if (Rest(width) < LeastOfNames + LeastOfStates)
            _time = 0;
        if (Rest(width) < LeastOfNames + LeastOfStates)
            _number = 0;
        var rest = Rest(width);
        // A state changes often, and a column that follows it would dance.
        _state = Math.Max(tables.Max(table => CellText.Width(table.State)), width >= 80 ? 16 : LeastOfStates);
        _state = Math.Min(_state, Math.Max(LeastOfStates, rest * 9 / 20));
        _name = Math.Clamp(rest - _state, 1, Math.Max(5, tables.Max(table => CellText.Width(Printable.Of(table.Name)))));
    }

    /// <summary>The titles of the columns.</summary>
    public Markup Titles()
    {
        var titles = CellText.Left("table", _name) + Gap + CellText.Left("now", _state)
            + (_number > 0 ? Gap + CellText.Right(_counted, (_bar > 0 ? _bar + Gap.Length : 0) + _number) : "")
            + (_time > 0 && _snapshot.Tables.Any(table => table.NewestUtc is not null) ? Gap + CellText.Right(_newest, _time) : "");
        return new Markup($"[grey]{Screen.Cell(titles.TrimEnd())}[/]");
    }

    /// <summary>The line of a table.</summary>
    public Markup Line(LiveTable table)
    {
        var name = Screen.Cell(CellText.LeftByEnd(Printable.Of(table.Name), _name));
        var state = Screen.Cell(CellText.Left(Printable.Of(table.State), _state));
        return new Markup(
            $"{name}{Gap}[{Colour(table)}]{state}[/]"
            + (_bar > 0 ? Gap + Bar(table) : "")
            + (_number > 0 ? Gap + CellText.Right(Numbers(table), _number) : "")
            + (_time > 0 ? $"{Gap}[grey]{CellText.Right(Time(table), _time)}[/]" : ""));
    }

    private int Rest(int width) => width - Gap.Length
        - (_bar > 0 ? _bar + Gap.Length : 0) - (_number > 0 ? _number + Gap.Length : 0) - (_time > 0 ? _time + Gap.Length : 0);

    private static string Colour(LiveTable table) => table switch
    {
        { Tone: Tone.Bad } => "red",
        { Tone: Tone.Warning } => "yellow",
        { IsBusy: true } => "aqua",
        { Tone: Tone.Good } => "green",
        _ => "grey",
    };

    private string Bar(LiveTable table)
    {
        if (table.Total is not > 0)
            return new string(' ', _bar);
        var done = (int)Math.Clamp(_bar * (table.Done ?? 0) / table.Total.Value, 0, _bar);
        var (full, empty) = _isUnicode ? ('━', '━') : ('#', '-');
        return $"[{(done == _bar ? "green" : "aqua")}]{new string(full, done)}[/][grey30]{new string(empty, _bar - done)}[/]";
    }

    private static string Numbers(LiveTable table) => table switch
    {
        { Done: null, Total: null } => "",
        { Done: var done, Total: { } total } when (done ?? 0) < total => $"{Screen.Number(done ?? 0)} of {Screen.Number(total)}",
        _ => Screen.Number(table.Done ?? 0),
    };

    private string Time(LiveTable table) =>
        table.Left(_snapshot.NowUtc) is { } left ? $"~{Screen.Age(left)} left"
        : table.NewestUtc is { } newest ? $"{Screen.Age(TimeSpan.FromTicks(Math.Max(0, (_snapshot.NowUtc - newest).Ticks)))} ago" : "";
}
