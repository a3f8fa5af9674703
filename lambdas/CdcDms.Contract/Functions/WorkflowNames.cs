namespace CdcDms.Contract.Functions;

/// <summary>
/// The names by which a run on one machine finds its way through what is synthesized: of stacks, the state machines and their states.
/// </summary>
public static class WorkflowNames
{
    /// <summary>The state of <see cref="Workflow"/> that merges markers, before it maps the tables.</summary>
    public const string MergeMarkersState = "MergeMarkers";

    /// <summary>
    /// The state of <see cref="Workflow"/>, <see cref="ProofWorkflow"/> and <see cref="ReloadWorkflow"/> that maps the tables.
    /// </summary>
    public const string TablesState = "Tables";

    /// <summary>The state within <see cref="TablesState"/> that starts an execution of <see cref="TableWorkflow"/>.</summary>
    public const string MergeTableState = "MergeTable";

    /// <summary>The state of <see cref="TableWorkflow"/> that reads a sample of rows for a proof.</summary>
    public const string ProveState = "Prove";

    /// <summary>The state of <see cref="ProofWorkflow"/> and <see cref="ReloadWorkflow"/> that compares one table wholly.</summary>
    public const string ProveTableState = "ProveTable";

    /// <summary>The state of <see cref="HealthWorkflow"/> that says what is looked at.</summary>
    public const string HealthStartState = "Start";

    /// <summary>The lake's address, <c>s3://BUCKET/PREFIX</c>, in the inputs of <see cref="TableWorkflow"/> and of the functions.</summary>
    public const string LakeInput = "lake";

    /// <summary>The most bytes of one batch, in the input of <see cref="TableWorkflow"/>.</summary>
    public const string BatchBytesInput = "batchBytes";

    /// <summary>The stack with the functions and the state machines.</summary>
    /// <param name="environment">The environment's name.</param>
    public static string Stack(string environment) => $"{EnvironmentNames.Prefix(environment)}-batch";

    /// <summary>The stack with the DMS task and its endpoints.</summary>
    /// <param name="environment">The environment's name.</param>
    public static string ReplicationStack(string environment) => $"{EnvironmentNames.Prefix(environment)}-replication";

    /// <summary>The state machine over all tables, which the schedule starts.</summary>
    /// <param name="environment">The environment's name.</param>
    public static string Workflow(string environment) => $"{EnvironmentNames.Prefix(environment)}-batch";

    /// <summary>The state machine of one table, started by <see cref="Workflow"/> for each.</summary>
    /// <param name="environment">The environment's name.</param>
    public static string TableWorkflow(string environment) => $"{EnvironmentNames.Prefix(environment)}-batch-table";

    /// <summary>The state machine of full proofs, which has a schedule of its own.</summary>
    /// <param name="environment">The environment's name.</param>
    public static string ProofWorkflow(string environment) => $"{EnvironmentNames.Prefix(environment)}-proof";

    /// <summary>The state machine that looks how the pipeline is, which has schedules of its own.</summary>
    /// <param name="environment">The environment's name.</param>
    public static string HealthWorkflow(string environment) => $"{EnvironmentNames.Prefix(environment)}-health";

    /// <summary>The state machine that has DMS load tables again, which people start.</summary>
    /// <param name="environment">The environment's name.</param>
    public static string ReloadWorkflow(string environment) => $"{EnvironmentNames.Prefix(environment)}-reload";

    /// <summary>The state machine that stops the replication and resumes it, which people start.</summary>
    /// <param name="environment">The environment's name.</param>
    public static string RestartWorkflow(string environment) => $"{EnvironmentNames.Prefix(environment)}-restart";

    /// <summary>The function that does what operators ask for.</summary>
    /// <param name="environment">The environment's name.</param>
    public static string OperateFunction(string environment) => $"{EnvironmentNames.Prefix(environment)}-{FunctionNames.Operate}";
}
