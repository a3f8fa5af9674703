using System.Globalization;
using Amazon.CDK;
using Constructs;

namespace CdcDms.Infra.Functions;

/// <summary>What a resource needs that a function answers.</summary>
internal sealed record FunctionResourceProps
{
    /// <summary>What the resource is, such as <c>EmptyBucket</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The function's ARN.</summary>
    public required string FunctionArn { get; init; }

    /// <summary>Longest run of the function.</summary>
    public required Duration Timeout { get; init; }

    /// <summary>What the function is told. Default: nothing but the request.</summary>
    public IDictionary<string, object> Properties { get; init; } = new Dictionary<string, object>();
}

/// <summary>
/// A resource of a stack that a function makes, changes and deletes. CloudFormation waits as long as the function may run, and a minute for
/// an answer that the function gives in its last second; by itself it would wait an hour for a function that died.
/// </summary>
internal sealed class FunctionResource : CustomResource
{
    public FunctionResource(Construct scope, string id, FunctionResourceProps props)
        : base(scope, id, new CustomResourceProps
        {
            ResourceType = $"Custom::CdcDms{props.Kind}",
            ServiceToken = props.FunctionArn,
            Properties = props.Properties,
        })
    {
        Inner = (CfnResource)Node.DefaultChild!;

        // This CDK has no name for the property.
        Inner.AddPropertyOverride(
            "ServiceTimeout", props.Timeout.Plus(Duration.Minutes(1)).ToSeconds().ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The resource as the template has it.</summary>
    public CfnResource Inner { get; }
}
