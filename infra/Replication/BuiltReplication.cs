using Amazon.CDK;
using CdcDms.Contract.Functions;

namespace CdcDms.Infra.Replication;

/// <summary>What moves the changes: a task on an instance, or a serverless replication.</summary>
/// <param name="Kind">Which of the two.</param>
/// <param name="Arn">Its ARN.</param>
/// <param name="Resources">Its resources, all of which wait for Before.</param>
/// <param name="Fingerprinted">Properties that DMS changes only while the replication is stopped.</param>
/// <param name="Identity">Properties that CloudFormation answers with a replacement, by a name for people.</param>
internal sealed record BuiltReplication(
    ReplicationKind Kind,
    string Arn,
    IReadOnlyList<CfnResource> Resources,
    IReadOnlyList<object> Fingerprinted,
    IReadOnlyDictionary<string, string> Identity);
