using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Policies;

/// <summary>Whatever keeps data encrypts it, with a key of ours where the service takes one; keys rotate.</summary>
internal sealed class EverythingAtRestIsEncrypted : IPolicy
{
    public IEnumerable<string> Violations(TemplateResource resource, TemplateResources template)
    {
        var encrypted = resource.Type switch
        {
            "AWS::S3::Bucket" => resource.Text("BucketEncryption").Contains("aws:kms", StringComparison.Ordinal),
            "AWS::RDS::DBInstance" => resource.Text("StorageEncrypted") == "true",
            "AWS::SNS::Topic" => resource["KmsMasterKeyId"] is not null,
            "AWS::SQS::Queue" => resource.Text("SqsManagedSseEnabled") == "true" || resource["KmsMasterKeyId"] is not null,
            "AWS::DMS::ReplicationInstance" => resource["KmsKeyId"] is not null,
            "AWS::DMS::ReplicationConfig" => resource["ComputeConfig"]?["KmsKeyId"] is not null,
            "AWS::DMS::Endpoint" => resource["S3Settings"] is not { } lake || lake["EncryptionMode"]?.ToJsonString() == "\"sse-kms\"",
            "AWS::Kinesis::Stream" => resource["StreamEncryption"]?["KeyId"] is not null,
            "AWS::Athena::WorkGroup" => resource.Text("WorkGroupConfiguration").Contains("SSE_KMS", StringComparison.Ordinal),
            _ => true,
        };
        if (!encrypted)
            yield return "is not encrypted: give it a KMS key";
        if (resource.Type == "AWS::KMS::Key" && resource.Text("EnableKeyRotation") != "true")
            yield return "is never rotated: set EnableKeyRotation";
    }
}
