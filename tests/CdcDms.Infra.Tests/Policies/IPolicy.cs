using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Policies;

/// <summary>One rule that every resource of every environment keeps.</summary>
internal interface IPolicy
{
    /// <summary>What is wrong with a resource; nothing when all is well.</summary>
    IEnumerable<string> Violations(Resource resource);
}
