using System.Text.Json.Nodes;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Policies;

/// <summary>Connections are encrypted and the other side is verified.</summary>
internal sealed class TlsIsRequired : IPolicy
{
    private static readonly (string Type, string PolicyType)[] Protected =
    [
        ("AWS::S3::Bucket", "AWS::S3::BucketPolicy"),
        ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy"),
        ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy"),
    ];

    public IEnumerable<string> Violations(Resource resource)
    {
        if (resource.Type == "AWS::DMS::Endpoint" && resource.Text("EngineName") != "s3"
            && (resource.Text("SslMode") is not ("verify-full" or "verify-ca") || resource["CertificateArn"] is null))
            yield return "does not verify the server";
        if (resource.Type == "AWS::RDS::DBParameterGroup" && resource["Parameters"]?["rds.force_ssl"]?.GetValue<string>() != "1")
            yield return "does not force TLS";
    }

    /// <summary>Ids of what has no policy that denies requests without TLS.</summary>
    public static IEnumerable<string> Unprotected(TemplateResources template) =>
        Protected.SelectMany(pair => template.OfType(pair.Type).Where(resource =>
            !template.OfType(pair.PolicyType).Any(policy =>
                policy.Json["Properties"]!.ToJsonString().Contains($"\"{resource.Id}\"", StringComparison.Ordinal)
                && policy["PolicyDocument"]!["Statement"]!.AsArray().Any(DeniesPlainText))).Select(resource => resource.Id));

    private static bool DeniesPlainText(JsonNode? statement) =>
        statement!["Effect"]!.GetValue<string>() == "Deny"
        && statement["Condition"]?["Bool"]?["aws:SecureTransport"]?.GetValue<string>() == "false";
}
