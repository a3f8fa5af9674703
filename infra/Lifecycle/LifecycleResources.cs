using Amazon.CDK;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using Constructs;

namespace CdcDms.Infra.Lifecycle;

/// <summary>What the two custom resources need.</summary>
internal sealed record LifecycleResourcesProps
{
    public required ReplicationSettings Settings { get; init; }

    public required ReplicationNames Names { get; init; }

    /// <summary>Every table of the environment.</summary>
    public required IReadOnlyList<TableDefinition> Tables { get; init; }

    /// <summary>What looks at the databases before the replication first starts.</summary>
    public required IConstruct Preflight { get; init; }

    /// <summary>The function that answers.</summary>
    public required LifecycleLambda Lambda { get; init; }

    /// <summary>What is started and stopped.</summary>
    public required ReplicationKind Kind { get; init; }

    /// <summary>Changes with everything that DMS changes only while the replication is stopped.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>What CloudFormation answers with a replacement, by a name for people; the endpoints' own names are added.</summary>
    public required IReadOnlyDictionary<string, string> Identity { get; init; }

    /// <summary>What must not change in place, by the names of <see cref="FixedSettings"/>.</summary>
    public required IReadOnlyDictionary<string, string> Fixed { get; init; }

    /// <summary>The name that the source database's server had before it got another, if it did.</summary>
    public required string? SourceMovedFrom { get; init; }

    /// <summary>Where the analytics database was before it was moved with its ledger, if it was.</summary>
    public required string? AnalyticsMovedFrom { get; init; }

    /// <summary>The resources that may change only while the replication is stopped.</summary>
    public required IEnumerable<CfnResource> Guarded { get; init; }
}

/// <summary>
/// The two custom resources around the replication. CloudFormation only creates a task, and cannot change a running one
/// (docs/dms-contract.md#cloudformation): <em>Before</em> stops it, or refuses a deploy that would replace it; everything that DMS changes
/// only while stopped waits for it. <em>After</em> starts it. Both are called only when the fingerprint changes.
/// </summary>
internal sealed class LifecycleResources : Construct
{
    public LifecycleResources(Construct scope, string id, LifecycleResourcesProps props)
        : base(scope, id)
    {
        var properties = Properties(props) with
        {
            Preflight = Arns.StateMachine(this, props.Names.Preflight),
            AcceptedLosses = props.Settings.AcceptedLosses,
        };
        var before = Resource(PinnedIds.Before, props.Lambda, properties);
        var after = Resource(PinnedIds.After, props.Lambda, properties with { Moment = LifecycleMoment.After });
        before.Node.AddDependency(props.Preflight);
        foreach (var resource in props.Guarded)
        {
            resource.Node.AddDependency(before);
            after.Node.AddDependency(resource);
        }
    }

    private static LifecycleProperties Properties(LifecycleResourcesProps props) => new()
    {
        Moment = LifecycleMoment.Before,
        Kind = props.Kind,
        Identifier = props.Names.Replication,
        Generation = props.Settings.Generation,
        Fingerprint = props.Fingerprint,
        Identity = new Dictionary<string, string>(props.Identity)
        {
            ["source endpoint"] = props.Names.Source,
            ["lake endpoint"] = props.Names.Lake,
        },
        Fixed = props.Fixed,
        SourceMovedFrom = props.SourceMovedFrom,
        AnalyticsMovedFrom = props.AnalyticsMovedFrom,
        AllowReplacementForGeneration = props.Settings.ReplacementAllowed ? props.Settings.Generation : null,
        Tables = props.Settings.Start is FullLoadThenChanges
            ? [.. props.Tables.Where(table => table.Feed is null).Select(table => table.Source.ToString())]
            : null,
        CdcStartPosition = (props.Settings.Start as ChangesFromSlot)?.StartLsn,
    };

    private FunctionResource Resource(string id, LifecycleLambda lambda, LifecycleProperties properties)
    {
        var resource = new FunctionResource(this, id, new FunctionResourceProps
        {
            Kind = id,
            FunctionArn = lambda.Arn,
            Timeout = LifecycleLambda.Timeout,
            Properties = properties.ToResourceProperties(),
        });
        resource.Inner.OverrideLogicalId(id);
        return resource;
    }
}
