using Amazon.CDK.AWS.StepFunctions;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>
/// The states that record a table that failed, as <c>{"outcome":"failed","table":…,"error":…,"cause":…}</c>. The failure of a child
/// execution comes as JSON with its own error and cause within; other failures (a timeout, an execution that could not be started), and one
/// that Step Functions has cut, do not.
/// </summary>
internal sealed class FailedTable : Construct
{
    public FailedTable(Construct scope, string id, DeploymentEnvironment environment)
        : base(scope, id)
    {
        var read = new Pass(this, "ReadFailure", new PassProps
        {
            Parameters = new Dictionary<string, object>
            {
                ["table.$"] = "$.table",
                ["failure.$"] = "States.StringToJson($.failure.Cause)",
            },
        });
        var isChildFailure = Condition.And(
            Condition.StringMatches("$.failure.Cause", "{*\"Error\":\"*"),
            Condition.StringMatches("$.failure.Cause", "*\"Cause\":\"*}"));
        Record = new FailureRecord(this, "Record", TableOutcomes.Failed, environment).First;
        First = new Choice(this, "WhoseFailure")
            .When(NoCause.IsIt, new NoCause(this, "NoCause").Next(Record))
            .When(isChildFailure, read.Next(Record))
            .Otherwise(Record);
    }

    /// <summary>The state to go to when the table's own execution has failed.</summary>
    public Choice First { get; }

    /// <summary>The state to go to with a failure that has its error and its cause.</summary>
    public Choice Record { get; }
}
