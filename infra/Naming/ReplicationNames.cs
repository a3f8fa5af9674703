using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Naming;

/// <summary>
/// The fixed identifiers of DMS resources. They end in the generation: what CloudFormation would replace within a generation collides
/// with itself and fails, instead of silently loading everything again; a new generation is a new set of names.
/// </summary>
internal sealed class ReplicationNames(DeploymentEnvironment environment)
{
    private readonly string _generation = $"g{environment.Replication.Generation}";

    /// <summary>
    /// Subnet group, instance, task or serverless replication; also the resource part of the task's ARN and its metric dimension.
    /// </summary>
    public string Replication => $"{Prefix}-{_generation}";

    /// <summary>
    /// The log group of the task on the instance, as DMS names it after the instance (seen in task settings that DMS gave out,
    /// terraform-provider-aws issue 21512, and in samples of AWS; the guide has the prefix only).
    /// </summary>
    public string TaskLog => $"dms-tasks-{Replication}";

    /// <summary>
    /// The log group of the serverless replication (DMS user guide, "AWS DMS serverless replication logs": a prefix and the resource id,
    /// the last part of its ARN). Nobody has seen it yet of one whose resource id was given.
    /// </summary>
    public string ServerlessLog => $"dms-serverless-replication-{Replication}";

    /// <summary>The source endpoint.</summary>
    public string Source => $"{Prefix}-source-{_generation}";

    /// <summary>The S3 endpoint.</summary>
    public string Lake => $"{Prefix}-lake-{_generation}";

    /// <summary>The endpoint that writes into the stream.</summary>
    public string Stream => $"{Prefix}-stream-{_generation}";

    /// <summary>The function that reads the stream.</summary>
    public string StreamReader => $"{Prefix}-{FunctionNames.Stream}-{_generation}";

    /// <summary>The stream; every generation has another one.</summary>
    /// <param name="stackPart">What tells it from one that a stack of the same name has left behind.</param>
    public string StreamOf(string stackPart) => $"{Stream}-{stackPart}";

    /// <summary>What the identifiers of every generation begin with.</summary>
    public string Prefix { get; } = EnvironmentNames.Prefix(environment.Name);

    // A generation has at most three digits. A star would hold for an environment of another name as well: prod's for prod-gold.
    private static readonly string[] EveryGeneration = ["g?", "g??", "g???"];

    /// <summary>The names of <see cref="Replication"/> in every generation, as patterns of IAM's.</summary>
    public IEnumerable<string> EveryReplication => EveryGeneration.Select(generation => $"{Prefix}-{generation}");

    /// <summary>The names of <see cref="Source"/> in every generation, as patterns of IAM's.</summary>
    public IEnumerable<string> EverySource => EveryGeneration.Select(generation => $"{Prefix}-source-{generation}");

    /// <summary>The names of <see cref="Lake"/> and <see cref="Stream"/> in every generation, as patterns of IAM's.</summary>
    public IEnumerable<string> EveryTarget =>
        EveryGeneration.SelectMany(generation => (string[])[$"{Prefix}-lake-{generation}", $"{Prefix}-stream-{generation}"]);

    /// <summary>The state machine that looks at the databases before the replication first starts.</summary>
    public string Preflight => $"{Prefix}-preflight";

    /// <summary>The state machine that sees to the replication after a rollback.</summary>
    public string ResumeAfterRollback => $"{Prefix}-resume-after-rollback";

    /// <summary>The state machine that stops the replication and resumes it.</summary>
    public string Restart { get; } = WorkflowNames.RestartWorkflow(environment.Name);

    /// <summary>The queue of ends of rollbacks that could not be delivered.</summary>
    public string RollbackUndelivered => $"{ResumeAfterRollback}-undelivered";

    /// <summary>
    /// The source's certificate. A certificate cannot be changed, only replaced, and identifiers are unique: with the hash a rotation
    /// is a new one.
    /// </summary>
    /// <param name="hash">Changes with the certificate.</param>
    public string SourceCertificate(string hash) => $"{Prefix}-source-{hash}";
}
