using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Policies;

/// <summary>
/// Functions and replications write to log groups of their own, which expire; a group that Lambda or DMS makes by itself never would.
/// </summary>
internal sealed class LogsExpire : IPolicy
{
    public IEnumerable<string> Violations(TemplateResource resource, TemplateResources template)
    {
        if (resource.Type == "AWS::Logs::LogGroup" && resource["RetentionInDays"] is null)
            yield return "keeps logs for ever: set RetentionInDays";
        if (resource.Type == "AWS::Lambda::Function" && resource["LoggingConfig"]?["LogGroup"] is null)
            yield return "has no log group of its own, and the one that Lambda makes would keep logs for ever: set LoggingConfig.LogGroup";
        if (LogOfDms(resource) is { } name && !template.OfType("AWS::Logs::LogGroup").Any(log => log.Text("LogGroupName") == name))
            yield return $"has no log group, and the one that DMS makes would keep logs for ever: make {name}, which is what DMS calls it";
    }

    private static string? LogOfDms(TemplateResource resource) => resource.Type switch
    {
        "AWS::DMS::ReplicationInstance" => $"dms-tasks-{resource.Text("ReplicationInstanceIdentifier")}",
        "AWS::DMS::ReplicationConfig" => $"dms-serverless-replication-{resource.Text("ResourceIdentifier")}",
        _ => null,
    };
}
