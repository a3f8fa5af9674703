using System.Text.Json.Nodes;
using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Policies;

/// <summary>Connections are encrypted and the other side is verified.</summary>
internal sealed class TlsIsRequired : IPolicy
{
    private static readonly (string Type, string PolicyType)[] Protected =
    [
        ("AWS::S3::Bucket", "AWS::S3::BucketPolicy"),
        ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy"),
        ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy"),
    ];

    public IEnumerable<string> Violations(TemplateResource resource, TemplateResources template)
    {
        if (resource.Type == "AWS::DMS::Endpoint" && resource.Text("EngineName") is not ("s3" or "kinesis")
            && (resource.Text("SslMode") is not ("verify-full" or "verify-ca") || resource["CertificateArn"] is null))
            yield return "does not verify the server: set SslMode to verify-full or verify-ca, with a CertificateArn";
        if (resource.Type == "AWS::RDS::DBParameterGroup" && resource["Parameters"]?["rds.force_ssl"]?.GetValue<string>() != "1")
            yield return "does not force TLS: set rds.force_ssl to 1";
        foreach (var (type, policyType) in Protected)
            if (resource.Type == type && !template.OfType(policyType).Any(policy => RequiresTlsOf(policy, resource)))
                yield return $"takes requests without TLS: add an {policyType} that denies them (EnforceSSL)";
    }

    private static bool RequiresTlsOf(TemplateResource policy, TemplateResource resource) =>
        policy.Json["Properties"]!.ToJsonString().Contains($"\"{resource.Id}\"", StringComparison.Ordinal)
        && OneOrMany.Of(policy["PolicyDocument"]!["Statement"]).Any(DeniesPlainText);

    private static bool DeniesPlainText(JsonNode statement) =>
        statement["Effect"]!.GetValue<string>() == "Deny"
        && statement["Condition"]?["Bool"]?["aws:SecureTransport"]?.GetValue<string>() == "false";
}
