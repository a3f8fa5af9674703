using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Policies;

/// <summary>Credentials come from Secrets Manager.</summary>
internal sealed class NoPasswordInTemplates : IPolicy
{
    public IEnumerable<string> Violations(Resource resource)
    {
        foreach (var property in (string[])["Password", "MasterUserPassword", "SecretString"])
            if (resource[property] is not null && !resource.Text(property).Contains("{{resolve:secretsmanager:", StringComparison.Ordinal))
                yield return $"has a {property} in clear text";
    }
}
