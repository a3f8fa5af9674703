using System.CommandLine;
using CdcDms.Contract.Tables;

namespace CdcDms.Local.Commands;

/// <summary>
/// Work on one table after the other: a table that fails, or whose definition is bad, is told at the end and does not stop the others.
/// Exit code 1 when there was one.
/// </summary>
/// <param name="parsed">The command line.</param>
/// <param name="list">The definitions.</param>
internal sealed class EachTable(ParseResult parsed, TableList list)
{
    private readonly List<string> _failures = [.. list.Faults.Select(fault => fault.Message)];

    /// <summary>Does something with a table.</summary>
    /// <returns>Null when it went well; else the failure's message.</returns>
    public async Task<string?> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return null;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            _failures.Add(parsed.Tell(fault));
            return fault.Message;
        }
    }

    /// <summary>Notes a failure that did not stop the work on its table.</summary>
    public void Fail(string failure) => _failures.Add(failure);

    /// <summary>Tells the failures on stderr, equal ones once: a server that is down fails all tables alike.</summary>
    /// <param name="succeeded">Whether the work had the wanted result where it did not fail. Default: it had.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync(bool succeeded = true)
    {
        foreach (var failure in _failures.Distinct())
            await Console.Error.WriteLineAsync(failure);
        return succeeded && _failures.Count == 0 ? 0 : CommandRun.Failed;
    }
}
