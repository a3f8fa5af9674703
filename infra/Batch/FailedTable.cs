using Amazon.CDK.AWS.StepFunctions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>
/// What is recorded of a table that failed: <c>{"outcome":"failed","table":…,"error":…,"cause":…}</c>. The failure of a child execution
/// comes as JSON with its own error and cause within; other failures (a timeout, an execution that could not be started) do not.
/// </summary>
internal static class FailedTable
{
    public static Choice Record(Construct scope)
    {
        var read = new Pass(scope, "ReadFailure", new PassProps
        {
            Parameters = new Dictionary<string, object> { ["table.$"] = "$.table", ["failure.$"] = "States.StringToJson($.failure.Cause)" },
        });
        var record = new Pass(scope, "TableFailed", new PassProps
        {
            Parameters = new Dictionary<string, object>
            {
                ["outcome"] = "failed",
                ["table.$"] = "States.Format('{}.{}', $.table.schema, $.table.name)",
                ["error.$"] = "$.failure.Error",
                ["cause.$"] = "$.failure.Cause",
            },
        });
        var nameless = new Pass(scope, "NamelessFailed", new PassProps
        {
            Parameters = new Dictionary<string, object>
            {
                ["outcome"] = "failed",
                ["table.$"] = "States.JsonToString($.table)",
                ["error.$"] = "$.failure.Error",
                ["cause.$"] = "$.failure.Cause",
            },
        });
        var named = new Choice(scope, "HasName")
            .When(Condition.And(Condition.IsString("$.table.schema"), Condition.IsString("$.table.name")), record)
            .Otherwise(nameless);
        return new Choice(scope, "WhoseFailure")
            .When(Condition.IsNotPresent("$.failure.Cause"), Failures.WithCause(scope).Next(named))
            .When(
                Condition.And(Condition.StringMatches("$.failure.Cause", "{*\"Error\":\"*"), Condition.StringMatches("$.failure.Cause", "*\"Cause\":\"*")),
                read.Next(named))
            .Otherwise(named);
    }
}
