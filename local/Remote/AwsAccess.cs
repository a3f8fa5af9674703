using Amazon.Runtime;
using CdcDms.Aws;
using CdcDms.Contract;

namespace CdcDms.Local.Remote;

/// <summary>The operator's own access to an environment on AWS.</summary>
internal sealed class AwsAccess(OperatedEnvironment environment)
{
    /// <summary>The environment.</summary>
    public OperatedEnvironment Environment => environment;

    /// <summary>The operator's credentials, from where the AWS command line takes them.</summary>
    /// <exception cref="CdcDmsException">There are none.</exception>
    public AWSCredentials Credentials()
    {
        try
        {
            return OperatorCredentials.Find();
        }
        catch (AmazonClientException fault)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"There are no AWS credentials for the account {environment.Account}, in which the environment {environment.Name} is: sign "
                + "in, by aws sso login for example, and name the profile by AWS_PROFILE.",
                fault);
        }
    }

    /// <summary>Calls AWS, and tells a refusal in one sentence that says what to do.</summary>
    /// <param name="what">What is called: <c>the function NAME</c>.</param>
    /// <param name="action">The action of IAM that the call takes.</param>
    /// <param name="callAsync">The call.</param>
    /// <exception cref="CdcDmsException">AWS refused the call or did not answer.</exception>
    public async Task<T> CallAsync<T>(string what, string action, Func<Task<T>> callAsync)
    {
        try
        {
            return await callAsync();
        }
        catch (AwsException fault)
        {
            throw new CdcDmsException(ErrorKind.Unavailable, Sentence(what, action, fault), fault);
        }
        catch (AmazonClientException fault)
        {
            // A profile's credentials are looked for when they are first used.
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"The AWS credentials cannot be had: {fault.Message.TrimEnd('.')}; sign in again, by aws sso login for example.",
                fault);
        }
    }

    private string Sentence(string what, string action, AwsException fault) => fault.Code switch
    {
        "ExpiredTokenException" or "ExpiredToken" =>
            "The AWS credentials have expired: sign in again, by aws sso login for example, and repeat the command.",
        "UnrecognizedClientException" or "InvalidClientTokenId" or "InvalidSignatureException" or "MissingAuthenticationTokenException" =>
            $"AWS does not accept the credentials ({fault.Message.TrimEnd('.')}): sign in again, and look at AWS_PROFILE and the clock.",
        "AccessDeniedException" when CallersAccount(fault.Message) is { } other && other != environment.Account =>
            $"The AWS credentials are of the account {other}, and the environment {environment.Name} is in {environment.Account}: choose "
            + "others, by AWS_PROFILE for example.",
        "AccessDeniedException" =>
            $"The AWS credentials may not call {what}: {fault.Message.TrimEnd('.')}; ask for a role that may do {action} with it.",
        "ResourceNotFoundException" or "StateMachineDoesNotExist" =>
            $"There is no {what.Replace("the ", "", StringComparison.Ordinal)} in the account {environment.Account}, {environment.Region}: "
            + $"deploy the environment, npx cdk deploy --all -c env={environment.Name}, or correct --env.",
        _ => $"Calling {what} failed: {fault.Message.TrimEnd('.')}; "
            + (fault.MayPass ? "look whether this machine reaches AWS, and repeat the command." : "see what AWS says of it."),
    };

    // AWS names who called: "User: arn:aws:sts::123456789012:assumed-role/… is not authorized to perform: …".
    private static string? CallersAccount(string message) =>
        message.Split("User: ", 2) is [_, var named] && named.Split(' ', 2)[0].Split(':') is [_, _, _, _, var account, ..] ? account : null;
}
