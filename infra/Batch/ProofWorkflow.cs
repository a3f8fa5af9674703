using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
using CdcDms.Contract.Tables;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Notices;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What the workflow of full proofs needs.</summary>
internal sealed record ProofWorkflowProps
{
    public required WorkflowSurroundings Around { get; init; }

    /// <summary>Compares a table, and reads the rows that differ for proofs.</summary>
    public required DotnetFunction Prove { get; init; }
}

/// <summary>
/// Compares whole tables, few at a time, and has the rows that differ read for proofs, which the next batches judge: what differs may only
/// be on its way. Tables that are fed from plain files have no source, and those that the environment leaves out are not compared.
/// </summary>
internal sealed class ProofWorkflow : Construct
{
    private const int TablesSideBySide = 2;

    public ProofWorkflow(Construct scope, string id, ProofWorkflowProps props)
        : base(scope, id)
    {
        var environment = props.Around.Environment;
        var failed = new FailureRecord(this, "Record", TableOutcomes.NotProven, environment);
        var prove = new ProveTable(this, new ProveTableProps
        {
            Environment = environment,
            Prove = props.Prove,
            Repairs = environment.Validation.Repair == RepairMode.Auto,
            Failed = new TableFailure(this, "Failure", failed.First).First,
        });
        Machine = new TablesWorkflow(this, "StateMachine", new TablesWorkflowProps
        {
            Around = props.Around,
            Name = BatchNames.ProofWorkflow(environment),
            Comment = "Compares whole tables, and has what differs proven",
            // Large tables take as long as they take. The next execution names a table that is still being compared, and leaves that table.
            Timeout = Duration.Days(7),
            ExecutionEach = true,
            Carried = Proven(environment),
            SideBySide = TablesSideBySide,
            Each = prove.First,
            Failure = new TablesFailure(
                TableOutcomes.NotProven,
                "TablesNotProven",
                "tables were not proven",
                "These tables were not proven: {}.",
                Severity.Warning,
                "not-proven"),
            Asked = "AllAsked",
            Succeeded = "Asked",
        }).Machine;
    }

    public StateMachine Machine { get; }

    private static IReadOnlyList<TableDefinition> Proven(DeploymentEnvironment environment) =>
    [
        .. environment.Tables.Where(
            table => table.Feed is null && environment.Validation.Full?.LeaveOut.Contains(table.Source.ToString()) != true),
    ];
}
