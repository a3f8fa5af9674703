namespace CdcDms.Infra.Naming;

/// <summary>
/// Logical ids that never change again, whatever constructs are called and wherever they stand: CloudFormation answers a new id with a
/// new resource, which for DMS would mean to load every table again, or a collision of identifiers.
/// </summary>
internal static class PinnedIds
{
    public const string SourceCertificate = "SourceCertificate";

    public const string SourceEndpoint = "SourceEndpoint";

    public const string LakeEndpoint = "LakeEndpoint";

    public const string StreamEndpoint = "StreamEndpoint";

    public const string SubnetGroup = "Subnets";

    public const string Instance = "Instance";

    public const string Task = "Task";

    public const string Serverless = "Serverless";

    /// <summary>The custom resource that stops the replication.</summary>
    public const string Before = "Before";

    /// <summary>The custom resource that starts the replication.</summary>
    public const string After = "After";
}
