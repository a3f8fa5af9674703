using Amazon.CDK;
using Amazon.CDK.AWS.EC2;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.Lambda;
using Amazon.CDK.AWS.Logs;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Functions;

/// <summary>What one function needs.</summary>
public sealed record DotnetFunctionProps
{
    /// <summary>Which function of the bundle, one of <see cref="FunctionNames"/>.</summary>
    public required string Name { get; init; }

    /// <summary>What the function does, in one sentence.</summary>
    public required string Description { get; init; }

    /// <summary>The bundle.</summary>
    public required FunctionBundle Bundle { get; init; }

    /// <summary>Memory in MB.</summary>
    public required int MemoryMegabytes { get; init; }

    /// <summary>Longest run.</summary>
    public required Duration Timeout { get; init; }

    /// <summary>What happens to the function's log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }

    /// <summary>A name by which another stack watches the function. Default: one that CloudFormation makes.</summary>
    public string? FixedName { get; init; }

    /// <summary>Further environment variables.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>The network to run in; null to run outside.</summary>
    public FunctionNetwork? Network { get; init; }

    /// <summary>Disk at <c>/tmp</c> in MB. Default: 512, Lambda's own.</summary>
    public int EphemeralStorageMegabytes { get; init; } = 512;

    /// <summary>Concurrency set aside. Default: none.</summary>
    public int? ReservedConcurrency { get; init; }

    /// <summary>
    /// Whether it has the AWS Parameters and Secrets extension, of which CDK knows the layer for each region and processor. Default: no.
    /// </summary>
    public bool ReadsSecrets { get; init; }

    /// <summary>Whether X-Ray sees its invocations. Default: no.</summary>
    public bool Traced { get; init; }
}

/// <summary>Where a function runs that talks to a database.</summary>
public sealed record FunctionNetwork(IVpc Vpc, IReadOnlyList<ISubnet> Subnets, ISecurityGroup SecurityGroup);

/// <summary>
/// One function of the bundle, on the managed dotnet10 runtime: a handler name without a colon makes the runtime start the bundle's
/// program, which speaks the Runtime API itself. Its log group and its role are its own; the role may write that log and nothing else.
/// </summary>
public sealed class DotnetFunction : Construct
{
    /// <summary>Makes the function.</summary>
    public DotnetFunction(Construct scope, string id, DotnetFunctionProps props)
        : base(scope, id)
    {
        var log = new LogGroup(this, "Log", new LogGroupProps
        {
            Retention = RetentionDays.THREE_MONTHS,
            RemovalPolicy = props.LogRemoval,
        });
        Role = new Role(this, "Role", new RoleProps
        {
            AssumedBy = new ServicePrincipal("lambda.amazonaws.com"),
            Description = props.Description,
        });
        log.GrantWrite(Role);
        if (props.Network is not null)
            Role.AddManagedPolicy(ManagedPolicy.FromAwsManagedPolicyName("service-role/AWSLambdaENIManagementAccess"));
        Function = new Function(this, "Function", new FunctionProps
        {
            FunctionName = props.FixedName,
            Description = props.Description,
            Runtime = new Runtime("dotnet10", RuntimeFamily.DOTNET_CORE),
            Architecture = props.Bundle.Architecture == FunctionArchitecture.Arm64 ? Architecture.ARM_64 : Architecture.X86_64,
            Code = props.Bundle.Code(),
            Handler = "CdcDms.Functions",
            MemorySize = props.MemoryMegabytes,
            Timeout = props.Timeout,
            EphemeralStorageSize = props.EphemeralStorageMegabytes == 512 ? null : Size.Mebibytes(props.EphemeralStorageMegabytes),
            ReservedConcurrentExecutions = props.ReservedConcurrency,
            ParamsAndSecrets = props.ReadsSecrets ? SecretsLayer.Layer : null,
            Tracing = props.Traced ? Tracing.ACTIVE : null,
            LogGroup = log,
            Role = Role,
            Environment = new Dictionary<string, string>(props.Variables) { [FunctionEnvironment.Function] = props.Name },
            Vpc = props.Network?.Vpc,
            VpcSubnets = props.Network is { } network ? new SubnetSelection { Subnets = [.. network.Subnets] } : null,
            SecurityGroups = props.Network is { } inside ? [inside.SecurityGroup] : null,
        });
    }

    /// <summary>The function.</summary>
    public Function Function { get; }

    /// <summary>What the function may do.</summary>
    public Role Role { get; }
}
