using CdcDms.Contract.Tables;

namespace CdcDms.Contract.Functions;

/// <summary>Input of the preflight function: the tables, and what the task that is to run asks of the databases.</summary>
public sealed record PreflightInput : TaskDemands
{
    /// <summary>Every table of the environment.</summary>
    public required IReadOnlyList<TableDefinition> Tables { get; init; }

    /// <summary>
    /// The tables, each as <c>schema.name</c>, of which alone findings are wanted: those that are added to a task which runs. None: every
    /// finding is wanted.
    /// </summary>
    public required IReadOnlyList<string> Only { get; init; }
}
