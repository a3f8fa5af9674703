using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Views;

/// <summary><c>workflow --json</c>.</summary>
internal sealed record WorkflowReport(
    bool Succeeded, string? Error, string? Cause, IReadOnlyList<TableReport> Tables, int Batches, int Files, RowCounts Rows, int Retries,
    MergePhases Phases);

/// <summary>Adds up what an execution did; its own result carries no more than it must.</summary>
internal sealed class WorkflowTotals
{
    private int _batches, _files, _retries;
    private RowCounts _rows = new();
    private MergePhases _phases = new();

    /// <summary>Counts an event.</summary>
    public void Add(WorkflowEvent happened)
    {
        if (happened is TaskRetried)
            _retries++;
        if (happened is not BatchMerged { Output: var output })
            return;
        _phases += output.Phases;
        // A batch that is a part of a file has rows, and no file of its own unless it is the last part.
        if (output is { Files: 0, Ways: [] })
            return;
        (_batches, _files, _rows) = (_batches + 1, _files + output.Files, _rows + output.Rows);
    }

    /// <summary>What <c>workflow --json</c> prints at the end.</summary>
    /// <param name="result">How the execution ended.</param>
    /// <param name="faults">The definitions that it was not given.</param>
    public WorkflowReport Report(WorkflowResult result, IReadOnlyList<TableFault> faults) => new(
        result is WorkflowSucceeded,
        (result as WorkflowFailed)?.Error,
        (result as WorkflowFailed)?.Cause,
        [
            .. faults.Select(fault => new TableReport(
                fault.Table, Error: nameof(ErrorKind.BadDefinition), Cause: fault.Message)),
            .. (result as WorkflowSucceeded)?.Tables ?? [],
        ],
        _batches, _files, _rows, _retries, _phases);
}
