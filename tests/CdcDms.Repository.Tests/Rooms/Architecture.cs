namespace CdcDms.Rules.Rooms;

/// <summary>
/// The projects, their rooms, and what each may use. A room is a folder of a project; a file that stands in no folder is a room by itself.
/// </summary>
internal static class Architecture
{
    /// <summary>What each project may use. Nothing uses infra, local or the tests.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Projects = new Dictionary<string, string[]>
    {
        ["CdcDms.Contract"] = [],
        ["CdcDms.Aws"] = [],
        ["CdcDms.DuckDb"] = [],
        ["CdcDms.LambdaRuntime"] = [],
        ["CdcDms.Pipeline"] = ["CdcDms.Contract", "CdcDms.DuckDb"],
        ["CdcDms.Functions"] = ["CdcDms.Aws", "CdcDms.Contract", "CdcDms.LambdaRuntime", "CdcDms.Pipeline"],
        ["CdcDms.Infra"] = ["CdcDms.Contract"],
        ["CdcDms.Local"] = ["CdcDms.Aws", "CdcDms.Contract", "CdcDms.DuckDb", "CdcDms.Pipeline"],
    };

    /// <summary>
    /// The levels of each project, from the top. A room uses only rooms on the levels below; those of one level know nothing of each other.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, string> Levels = new Dictionary<string, string>
    {
        ["CdcDms.Contract"] = """
            ContractJson.cs
            Functions
            Lake
            Tables
            Changes
            CdcDmsException.cs EnvironmentNames.cs JsonForm.cs MetricNames.cs RowCounts.cs SparkMetricNames.cs StreamMetricNames.cs
            ErrorKind.cs
            """,
        ["CdcDms.Pipeline"] = """
            Merging Health Operations
            Proofs Preflight Status
            Quarantine
            Statements
            Evolution Markers Spark
            Validation Changes
            Targets Retention
            Ledger
            Catalog Transcoding
            Lake BinaryCopy
            Postgres Tracing
            """,
        ["CdcDms.Functions"] = """
            Program.cs
            Handlers.cs
            Health Streaming
            Tables Lifecycle Sandbox
            CustomResources
            Aws Metrics
            Failure.cs FunctionInput.cs DebuggerWait.cs
            Excerpt.cs
            """,
        ["CdcDms.Infra"] = """
            Program.cs
            EnvironmentStacks.cs PipelineApp.cs
            Stacks
            Health Streaming
            Batch Monitoring Lifecycle Replication Sandbox Lake Network
            Functions Databases StateMachines Policies Notices Spark
            Naming Templates Permissions Certificates
            Environments
            """,
        ["CdcDms.Local"] = """
            Program.cs
            Commands
            Demo ConsoleServer
            Operations
            Views
            Remote
            Workflow
            Streaming
            LambdaHost Services Capture
            ChangeFiles
            """,
    };
}
