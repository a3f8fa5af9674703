using System.CommandLine;
using System.Net.Sockets;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Local.Views;

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

    // Of calls that no server answered: what each says, and what kept it from an answer.
    private readonly List<(string Failure, string Reason)> _unanswered = [];

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
            if (NoAnswer(fault) is { } reason)
                _unanswered.Add((parsed.Tell(fault), reason));
            else
                _failures.Add(parsed.Tell(fault));
            return fault is CdcDmsException told ? told.Kept : fault.Message;
        }
    }

    /// <summary>Notes a failure that did not stop the work on its table.</summary>
    public void Fail(string failure) => _failures.Add(failure);

    /// <summary>
    /// Tells the failures on stderr, equal ones once, and one of those that had no answer for the same reason: a server that is down fails
    /// all tables alike.
    /// </summary>
    /// <param name="succeeded">Whether the work had the wanted result where it did not fail. Default: it had.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync(bool succeeded = true)
    {
        foreach (var failure in _failures.Distinct())
            await Console.Error.WriteLineAsync(failure);
        foreach (var alike in _unanswered.GroupBy(call => call.Reason))
        {
            var failures = alike.Select(call => call.Failure).Distinct().ToList();
            var others = failures.Count - 1;
            await Console.Error.WriteLineAsync(
                failures[0] + (others == 0 ? "" : $" {Screen.Count(others, "other call")} failed in the same way."));
        }

        return succeeded && _failures.Count + _unanswered.Count == 0 ? 0 : CommandRun.Failed;
    }

    private static string? NoAnswer(Exception? fault)
    {
        for (; fault is not null; fault = fault.InnerException)
            if (fault is HttpRequestException or SocketException)
                return fault.Message;
        return null;
    }
}
