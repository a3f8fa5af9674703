using System.Collections.Concurrent;
using System.Globalization;

namespace CdcDms.DuckDb;

/// <summary>
/// A DuckDB for one piece of work after another. To open one takes longer than everything that a small batch asks of it, so one whose work
/// went well is kept for the next work of this process. Nobody has it at the same time, and nothing of one work is seen by the next.
/// </summary>
public sealed class LentDuckDb : IDisposable
{
    // As many as can work at once; an idle one has threads that sleep, and no rows.
    private static readonly int MostKept = Environment.ProcessorCount;
    private static readonly ConcurrentBag<DuckDbDatabase> Kept = [];

    private readonly DuckDbDatabase _database;
    private readonly string _spill;
    private bool _isSound;

    private LentDuckDb(DuckDbDatabase database, DuckDbConnection connection, string spill) =>
        (_database, Connection, _spill) = (database, connection, spill);

    /// <summary>The only connection to it. What a work makes is temporary, and ends with the connection.</summary>
    public DuckDbConnection Connection { get; }

    /// <summary>Takes one that was kept, or opens one.</summary>
    /// <param name="folder">Where it spills. Dispose what is returned before the folder.</param>
    /// <param name="memoryMegabytes">Memory that it may take before it spills, in MiB.</param>
    public static LentDuckDb Take(WorkFolder folder, int memoryMegabytes)
    {
        // DuckDB makes this folder when it spills, not before.
        var spill = Path.Combine(folder.Path, "spill");
        while (Kept.TryTake(out var kept))
            if (Begun(kept, spill, memoryMegabytes) is { } lent)
                return lent;
        var opened = DuckDbDatabase.Open(new DuckDbOptions { SpillDirectory = spill, MemoryMegabytes = memoryMegabytes });
        try
        {
            return new LentDuckDb(opened, opened.Connect(), spill);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Says that all work with it went well. Without this it is closed: after a fault, or when it was interrupted, nobody knows what is
    /// left in it.
    /// </summary>
    public void Keep()
    {
        Connection.UseOneThread(false);
        _isSound = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Connection.Dispose();
        // One that has spilled keeps to its folder, which goes with its work.
        if (_isSound && !Directory.Exists(_spill) && Kept.Count < MostKept)
            Kept.Add(_database);
        else
            _database.Dispose();
    }

    /// <returns>Null when it does not take the settings.</returns>
    private static LentDuckDb? Begun(DuckDbDatabase kept, string spill, int memoryMegabytes)
    {
        DuckDbConnection? connection = null;
        try
        {
            connection = kept.Connect();
            connection.Execute(
                $"SET memory_limit = '{memoryMegabytes.ToString(CultureInfo.InvariantCulture)}MiB';"
                + $"SET temp_directory = {DuckDbSql.Literal(spill)}");
            return new LentDuckDb(kept, connection, spill);
        }
        catch (DuckDbException)
        {
            connection?.Dispose();
            kept.Dispose();
            return null;
        }
    }
}
