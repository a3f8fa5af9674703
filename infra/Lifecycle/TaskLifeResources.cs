using Amazon.CDK;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra.Lifecycle;

/// <summary>
/// The two custom resources around the replication. CloudFormation only creates a task, and cannot change a running one
/// (docs/dms-contract.md#cloudformation): <em>Before</em> stops it, or refuses a deploy that would replace it; everything that DMS changes
/// only while stopped waits for it. <em>After</em> starts it. Both are called only when the fingerprint changes.
/// </summary>
internal static class TaskLifeResources
{
    public static void Create(ReplicationStack stack, DotnetFunction function, LifecycleProperties properties, IEnumerable<CfnResource> guarded)
    {
        var before = Resource(stack, "Before", function, properties with { Moment = LifecycleMoment.Before });
        var after = Resource(stack, "After", function, properties with { Moment = LifecycleMoment.After });
        foreach (var resource in guarded)
        {
            resource.Node.AddDependency(before);
            after.Node.AddDependency(resource);
        }
    }

    private static CustomResource Resource(ReplicationStack stack, string id, DotnetFunction function, LifecycleProperties properties)
    {
        var resource = new CustomResource(stack, id, new CustomResourceProps
        {
            ResourceType = $"Custom::CdcDms{id}",
            ServiceToken = function.Function.FunctionArn,
            Properties = properties.ToResourceProperties(),
        });
        var inner = (CfnResource)resource.Node.DefaultChild!;
        inner.OverrideLogicalId(id);

        // CloudFormation's own patience of an hour would make a function that died wait for nothing; this CDK has no name for it.
        inner.AddPropertyOverride("ServiceTimeout", TaskLifeFunction.Timeout.ToSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture));
        return resource;
    }
}
