using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Local.Operations;
using CdcDms.Local.Remote;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.ConsoleServer;

/// <summary>What a console shows, and what it may do.</summary>
internal sealed record ConsolePlaces
{
    /// <summary>Reads the ledger, and does what an operator asks for.</summary>
    public required IOperations Operations { get; init; }

    /// <summary>Looks at the whole pipeline. Default: null, where only the analytics database is known.</summary>
    public Func<CancellationToken, Task<HealthReport>>? Health { get; init; }

    /// <summary>Whether the definitions of the tables are known. Default: they are not.</summary>
    public bool HasDefinitions { get; init; }

    /// <summary>Whether the page may cure what is wrong. Default: it only shows.</summary>
    public bool MayOperate { get; init; }

    /// <summary>Begins to wait for merges, for a repair.</summary>
    public required Func<IProofWaits> Waits { get; init; }

    /// <summary>Has DMS load a table again. Default: null, where there is no DMS.</summary>
    public Func<TableDefinition, CancellationToken, Task>? ReloadAsync { get; init; }

    /// <summary>Tells of the workflow's executions. Default: null, where none is known.</summary>
    public IWorkflowWatch? Workflow { get; init; }

    /// <summary>Tells what this program captures. Default: null, where it captures nothing.</summary>
    public CaptureWatch? Captured { get; init; }

    /// <summary>The time between two looks at the ledger. Default: 2 seconds.</summary>
    public TimeSpan TimeBetweenLooks { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a look may take; after that the database counts as gone. Default: 15 seconds.</summary>
    public TimeSpan LongestLook { get; init; } = TimeSpan.FromSeconds(15);
}
