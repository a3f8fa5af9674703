using Amazon.CDK.AWS.StepFunctions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>
/// The states that turn a call's failure into <c>$.failure</c> with <c>Error</c> and <c>Cause</c>, a sentence, and go on with another
/// state. A function's error comes as JSON; the service's own errors do not, nor does what Step Functions has cut.
/// </summary>
internal sealed class TableFailure : Construct
{
    /// <summary>Makes the states.</summary>
    /// <param name="scope">The workflow of a table.</param>
    /// <param name="id">The construct's id, and the end of its states' names.</param>
    /// <param name="then">The state to go on with.</param>
    public TableFailure(Construct scope, string id, IChainable then)
        : base(scope, id)
    {
        var read = new Pass(this, $"Read{id}", new PassProps
        {
            Parameters = new Dictionary<string, object>
            {
                ["Error.$"] = "$.failure.Error",
                ["function.$"] = "States.StringToJson($.failure.Cause)",
            },
            ResultPath = "$.failure",
        });
        var sentence = new Pass(this, $"Tell{id}", new PassProps
        {
            Parameters = new Dictionary<string, object>
            {
                ["Error.$"] = "$.failure.Error",
                ["Cause.$"] = "$.failure.function.errorMessage",
            },
            ResultPath = "$.failure",
        });
        First = new Choice(this, $"Whose{id}")
            .When(NoCause.IsIt, new NoCause(this, $"NoCauseOf{id}").Next(then))
            .When(Condition.StringMatches("$.failure.Cause", "{*\"errorMessage\":\"*}"), read.Next(sentence).Next(then))
            .Otherwise(then);
    }

    /// <summary>The state to go to when a call has failed.</summary>
    public Choice First { get; }
}
