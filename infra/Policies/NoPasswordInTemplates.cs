using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Policies;

/// <summary>Credentials come from Secrets Manager.</summary>
internal sealed class NoPasswordInTemplates : IPolicy
{
    public IEnumerable<string> Violations(TemplateResource resource, TemplateResources template)
    {
        foreach (var property in (string[])["Password", "MasterUserPassword", "SecretString"])
            if (resource[property] is not null && !resource.Text(property).Contains("{{resolve:secretsmanager:", StringComparison.Ordinal))
                yield return $"has its {property} in the template: have it resolved from Secrets Manager";
    }
}
