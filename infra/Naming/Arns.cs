using Amazon.CDK;
using Constructs;

namespace CdcDms.Infra.Naming;

/// <summary>ARNs, in a construct's account and region, of what has a fixed name.</summary>
internal static class Arns
{
    public static string StateMachine(Construct scope, string name) => Of(scope, "states", "stateMachine", name);

    /// <summary>What the ARNs of all executions of a state machine begin with.</summary>
    public static string Executions(Construct scope, string stateMachine) => Of(scope, "states", "execution", stateMachine);

    /// <summary>Of a DMS resource.</summary>
    /// <param name="scope">Says which account and region.</param>
    /// <param name="kind">Such as <c>task</c> or <c>replication-config</c>.</param>
    /// <param name="name">Its fixed name, or a pattern of names.</param>
    public static string Dms(Construct scope, string kind, string name) => Of(scope, "dms", kind, name);

    /// <summary>Of every stack that ever has a name: the rest of its ARN is made when it is.</summary>
    public static string StackNamed(Construct scope, string name) => Of(scope, "cloudformation", $"stack/{name}/*");

    /// <summary>Of a job of AWS Glue.</summary>
    public static string GlueJob(Construct scope, string name) => Of(scope, "glue", $"job/{name}");

    private static string Of(Construct scope, string service, string resource, string? name = null) =>
        Stack.Of(scope).FormatArn(new ArnComponents
        {
            Service = service,
            Resource = resource,
            ResourceName = name,
            ArnFormat = ArnFormat.COLON_RESOURCE_NAME,
        });
}
