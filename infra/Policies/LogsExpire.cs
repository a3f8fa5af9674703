using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Policies;

/// <summary>Functions write to log groups of their own, which expire; a group that Lambda makes by itself never would.</summary>
internal sealed class LogsExpire : IPolicy
{
    public IEnumerable<string> Violations(TemplateResource resource, TemplateResources template)
    {
        if (resource.Type == "AWS::Logs::LogGroup" && resource["RetentionInDays"] is null)
            yield return "keeps logs for ever: set RetentionInDays";
        if (resource.Type == "AWS::Lambda::Function" && resource["LoggingConfig"]?["LogGroup"] is null)
            yield return "has no log group of its own, and the one that Lambda makes would keep logs for ever: set LoggingConfig.LogGroup";
    }
}
