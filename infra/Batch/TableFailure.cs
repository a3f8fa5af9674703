using Amazon.CDK.AWS.StepFunctions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>
/// The states that end a table's execution with the error and the sentence of what failed. A function's error comes as JSON; the
/// service's own errors do not.
/// </summary>
internal sealed class TableFailure : Construct
{
    public TableFailure(Construct scope, string id)
        : base(scope, id)
    {
        var read = new Pass(this, "ReadError", new PassProps
        {
            Parameters = new Dictionary<string, object>
            {
                ["Error.$"] = "$.failure.Error",
                ["function.$"] = "States.StringToJson($.failure.Cause)",
            },
        });
        var service = Fail("ServiceFailed", "$.failure.Error", "$.failure.Cause");
        var function = Fail("FunctionFailed", "$.Error", "$.function.errorMessage");
        First = new Choice(this, "WhoseError")
            .When(Condition.IsNotPresent("$.failure.Cause"), new NoCause(this, "NoCause").Next(service))
            .When(Condition.StringMatches("$.failure.Cause", "{*\"errorMessage\":\"*"), read.Next(function))
            .Otherwise(service);
    }

    /// <summary>The state to go to when a call has failed.</summary>
    public Choice First { get; }

    private Fail Fail(string state, string errorPath, string causePath) =>
        new(this, state, new FailProps { ErrorPath = errorPath, CausePath = causePath });
}
