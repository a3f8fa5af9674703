using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;

namespace CdcDms.Infra.Notices;

/// <summary>
/// Where people are told, by how soon they must look: the environment's own topic of a severity first, then the topics that the environment
/// file names for it.
/// </summary>
public sealed record NoticeTopics
{
    /// <summary>Of what somebody must look at now.</summary>
    public required IReadOnlyList<ITopic> Critical { get; init; }

    /// <summary>Of what somebody must look at in the morning.</summary>
    public required IReadOnlyList<ITopic> Warning { get; init; }

    /// <summary>Encrypts what the environment's own topics hold; who publishes must be allowed to use the key.</summary>
    public required IKey Key { get; init; }

    /// <summary>The topics of a severity.</summary>
    public IReadOnlyList<ITopic> Of(Severity severity) => severity == Severity.Critical ? Critical : Warning;
}
