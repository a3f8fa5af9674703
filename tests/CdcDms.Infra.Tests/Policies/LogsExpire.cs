using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Policies;

/// <summary>Functions write to log groups of their own, which expire; a group that Lambda makes by itself never would.</summary>
internal sealed class LogsExpire : IPolicy
{
    public IEnumerable<string> Violations(Resource resource)
    {
        if (resource.Type == "AWS::Logs::LogGroup" && resource["RetentionInDays"] is null)
            yield return "keeps logs for ever";
        if (resource.Type == "AWS::Lambda::Function" && resource["LoggingConfig"]?["LogGroup"] is null)
            yield return "has no log group of its own";
    }
}
