using Amazon.CDK.AWS.Lambda;
using Amazon.CDK.RegionInfo;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Environments.Reading;

namespace CdcDms.Infra.Functions;

/// <summary>
/// The layer with the AWS Parameters and Secrets extension, of which CDK knows one for each region and processor that has it.
/// </summary>
internal static class SecretsLayer
{
    // The same version twice: as the construct takes it, and as the facts of the regions name it.
    private const ParamsAndSecretsVersions Version = ParamsAndSecretsVersions.V1_0_103;
    private const string VersionName = "1.0.103";

    /// <summary>The layer.</summary>
    public static ParamsAndSecretsLayerVersion Layer => ParamsAndSecretsLayerVersion.FromVersion(Version);

    /// <summary>Why functions cannot have the layer, with the JSON path of what has to change; null when they can.</summary>
    public static string? Fault(string region, FunctionArchitecture architecture)
    {
        if (Exists(region, architecture))
            return null;
        var other = Enum.GetValues<FunctionArchitecture>().Single(other => other != architecture);
        return Exists(region, other)
            ? $"$.batch.architecture: {region} has no AWS Parameters and Secrets extension for {Choices.Name(architecture)}, by which "
                + $"functions read passwords, as far as CDK knows; set {Choices.Name(other)}"
            : $"$.region: {region} has no AWS Parameters and Secrets extension, by which functions read passwords, as far as CDK knows; "
                + "choose another region";
    }

    private static bool Exists(string region, FunctionArchitecture architecture) =>
        RegionInfo.Get(region).ParamsAndSecretsLambdaLayerArn(
            VersionName, architecture == FunctionArchitecture.Arm64 ? "arm64" : "x86_64") is not null;
}
