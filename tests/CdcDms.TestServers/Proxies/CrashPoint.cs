namespace CdcDms.Testing.Proxies;

/// <summary>A moment at which a program that works on a database may die.</summary>
/// <param name="Number">Its place among the points of the program's run, from 1.</param>
/// <param name="What">The statement, and where in it.</param>
/// <param name="Commits">Whether the statement is a COMMIT.</param>
/// <param name="InData">Whether it is in the middle of the data of a COPY.</param>
/// <param name="SessionPort">The session's <c>client_port</c> in <c>pg_stat_activity</c>.</param>
public sealed record CrashPoint(int Number, string What, bool Commits, bool InData, int SessionPort)
{
    /// <inheritdoc/>
    public override string ToString() => $"point {Number}, {What}";
}

/// <summary>Where a <see cref="PostgresProxy"/> stops: nothing of the program passes it any more.</summary>
/// <param name="Number">Number of the point.</param>
/// <param name="Answered">
/// False: the server never sees the point's message (of COPY data, it sees half). True: the server has done it, but its answer does not
/// arrive.
/// </param>
/// <param name="Every">
/// How many points are one step. From the number on, the first point is taken that ends a step, commits, or is in the data of a COPY.
/// </param>
public sealed record StopAt(int Number, bool Answered = false, int Every = 1)
{
    /// <summary>Whether it is a place to stop.</summary>
    public bool Takes(CrashPoint point) => Answered
        ? point.Number == Number
        : point.Number >= Number && (point.Number % Every == 0 || point.Commits || point.InData);
}
