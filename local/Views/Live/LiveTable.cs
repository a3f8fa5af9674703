namespace CdcDms.Local.Views.Live;

/// <summary>How a line is meant.</summary>
internal enum Tone
{
    Plain,
    Good,
    Warning,
    Bad,
}

/// <summary>What a live view knows of one table.</summary>
/// <param name="Name">The table at the source, as its messages call it.</param>
internal sealed record LiveTable(string Name)
{
    /// <summary>What is under way, or else how the table is, in a word or two.</summary>
    public string State { get; init; } = "waiting";

    public Tone Tone { get; init; }

    /// <summary>Whether something is under way.</summary>
    public bool IsBusy { get; init; }

    /// <summary>What is done of <see cref="Total"/>, in rows or files; null before anything is.</summary>
    public long? Done { get; init; }

    /// <summary>How much there is, as far as is known; null when nobody knows.</summary>
    public long? Total { get; init; }

    /// <summary>Whether the total grows meanwhile, so that it does not tell how long it takes.</summary>
    public bool TotalGrows { get; init; }

    /// <summary>Commit time at the source, UTC, of the newest change that is merged or captured.</summary>
    public DateTime? NewestUtc { get; init; }

    /// <summary>When what is under way began.</summary>
    public DateTime BeganUtc { get; init; }

    /// <summary>When what is under way usually ends; null when nobody knows.</summary>
    public DateTime? UsualEndUtc { get; init; }

    /// <summary>When something was last told of it.</summary>
    public DateTime ChangedUtc { get; init; }

    /// <summary>
    /// How long what is under way still takes: by the pace so far, from the time on at which that says something, or by what is usual; null
    /// where that would be a guess.
    /// </summary>
    public TimeSpan? Left(DateTime nowUtc)
    {
        if (!IsBusy)
            return null;
        if (UsualEndUtc is { } end)
            return end > nowUtc ? end - nowUtc : null;
        var passed = nowUtc - BeganUtc;
        return TotalGrows || passed < LeastTime || Total is not { } total || Done is not { } done || done < total * LeastShare
            || done >= total
            ? null : passed * ((double)(total - done) / done);
    }

    private static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(2);

    private const double LeastShare = 0.05;
}
