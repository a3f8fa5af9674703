using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Naming;

/// <summary>
/// The fixed identifiers of DMS resources. They end in the generation: what CloudFormation would replace within a generation collides
/// with itself and fails, instead of silently loading everything again; a new generation is a new set of names.
/// </summary>
public sealed class ReplicationNames(DeploymentEnvironment environment)
{
    private readonly string generation = $"g{environment.Replication.Generation}";

    /// <summary>Subnet group, instance, task or serverless replication; also the resource part of the task's ARN and its metric dimension.</summary>
    public string Replication => $"{Prefix}-{generation}";

    /// <summary>The source endpoint.</summary>
    public string Source => $"{Prefix}-source-{generation}";

    /// <summary>The S3 endpoint.</summary>
    public string Lake => $"{Prefix}-lake-{generation}";

    /// <summary>What the identifiers of every generation begin with.</summary>
    public string Prefix => $"cdcdms-{environment.Name}";
}
