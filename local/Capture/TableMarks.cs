using CdcDms.Contract.Tables;

namespace CdcDms.Local.Capture;

/// <summary>The marks of a running capture. Each is told when it is made, and again when a capture starts over its lake.</summary>
internal sealed class TableMarks(TimeProvider clock, Action<string> tell)
{
    private readonly List<TableMark> _marks = [];

    /// <summary>The marks so far.</summary>
    public IReadOnlyList<TableMark> All => [.. _marks];

    /// <summary>How many tables are captured no more.</summary>
    public int GivenUp => _marks.Where(mark => mark.Kind == MarkKind.GivenUp).Select(mark => mark.Table).Distinct().Count();

    /// <summary>Takes the marks of a checkpoint in place of those so far, and tells them.</summary>
    public void Resume(IReadOnlyList<TableMark> marks)
    {
        _marks.Clear();
        _marks.AddRange(marks);
        foreach (var mark in marks)
            tell(mark.Sentence);
    }

    /// <summary>Marks a table and tells it, unless the table is marked with that cause already.</summary>
    /// <param name="table">The table.</param>
    /// <param name="kind">How much is wrong.</param>
    /// <param name="cause">What happened, in words that are the same when it happens again: so the marks of a table stay few.</param>
    /// <param name="parts">What it happened to this time, if not to the table as a whole; told each time, but not kept.</param>
    public void Add(TableName table, MarkKind kind, string cause, IReadOnlyList<string>? parts = null)
    {
        var mark = new TableMark { Table = table.ToString(), Kind = kind, Cause = cause, NoticedUtc = clock.GetUtcNow().UtcDateTime };
        var isNew = !_marks.Any(other => other with { NoticedUtc = mark.NoticedUtc } == mark);
        if (isNew)
            _marks.Add(mark);
        if (isNew || parts is not null)
            tell((parts is null ? mark : mark with { Cause = $"{cause} ({string.Join(", ", parts)})" }).Sentence);
    }

    /// <summary>Whether a table is captured no more.</summary>
    public bool IsGivenUp(TableName table) => _marks.Any(mark => mark.Kind == MarkKind.GivenUp && mark.Table == table.ToString());
}
