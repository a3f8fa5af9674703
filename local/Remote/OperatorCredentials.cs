using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;

namespace CdcDms.Local.Remote;

/// <summary>The operator's own AWS credentials.</summary>
internal static class OperatorCredentials
{
    /// <summary>The credentials, from where the AWS command line takes them.</summary>
    /// <exception cref="AmazonClientException">There are none.</exception>
    public static AWSCredentials Find() => OfIdentityCenter() ?? DefaultAWSCredentialsIdentityResolver.GetCredentials();

    // The SDK's own search refuses a profile of IAM Identity Center, as one that may have to ask a person. This one asks nobody: it takes
    // what aws sso login has left, when it is first used.
    private static AWSCredentials? OfIdentityCenter()
    {
        if (Variable("AWS_ACCESS_KEY_ID") is not null)
            return null;
        var profiles = new CredentialProfileStoreChain();
        var name = Variable("AWS_PROFILE") ?? "default";
        return profiles.TryGetProfile(name, out var profile)
            && profile.Options.SsoAccountId is not null
            && profiles.TryGetAWSCredentials(name, out var credentials)
                ? credentials
                : null;
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
