using Amazon.CDK;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What a function needs that asks DMS about the replication.</summary>
internal sealed record DmsLambdaProps
{
    public required DeploymentEnvironment Environment { get; init; }

    public required FunctionBundle Bundle { get; init; }

    /// <summary>What happens to the function's log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>A function that asks DMS about the replication. It talks to DMS's public API, so it runs outside the VPC.</summary>
internal abstract class DmsLambda : Construct
{
    private const int MemoryMegabytes = 512;
    private readonly DmsLambdaProps _props;

    /// <param name="name">One of <see cref="FunctionNames"/>.</param>
    /// <param name="description">What the function does, in one sentence.</param>
    /// <param name="timeout">Longest run.</param>
    protected DmsLambda(Construct scope, string id, DmsLambdaProps props, string name, string description, Duration timeout)
        : base(scope, id)
    {
        _props = props;
        Function = new DotnetFunction(this, "Function", new DotnetFunctionProps
        {
            Name = name,
            Description = description,
            Bundle = props.Bundle,
            MemoryMegabytes = MemoryMegabytes,
            Timeout = timeout,
            LogRemoval = props.LogRemoval,
            Traced = true,
            Variables = new Dictionary<string, string> { [FunctionEnvironment.EnvironmentName] = props.Environment.Name },
        });
    }

    public DotnetFunction Function { get; }

    protected bool IsServerless => _props.Environment.Replication.IsServerless;

    /// <summary>Allows what concerns tables of the environment's replication. What describes replications takes no resource.</summary>
    protected void AllowOfTables(params string[] actions) => Function.Role.Allow(
        [Arns.Dms(this, IsServerless ? "replication-config" : "task", new ReplicationNames(_props.Environment).Replication)], actions);
}
