using System.Xml;
using System.Xml.Linq;
using CdcDms.Aws;

namespace CdcDms.Functions.Aws;

/// <summary>
/// What CloudFormation does to a stack. An event does not say so: a rollback looks like an update with old and new exchanged, and refusing
/// that one would leave the stack in UPDATE_ROLLBACK_FAILED; a resource is deleted with its stack, or by an update that leaves it out.
/// </summary>
internal sealed class StackStatus(AwsApi aws)
{
    /// <exception cref="AwsException">CloudFormation did not say.</exception>
    public async Task<bool> IsRollingBackAsync(string stackId, CancellationToken cancellationToken) =>
        (await FindAsync(stackId, cancellationToken)).Contains("ROLLBACK", StringComparison.Ordinal);

    /// <summary>Whether the whole stack is deleted, also after its creation has failed.</summary>
    /// <exception cref="AwsException">CloudFormation did not say.</exception>
    public async Task<bool> IsBeingDeletedAsync(string stackId, CancellationToken cancellationToken) =>
        await FindAsync(stackId, cancellationToken) is "DELETE_IN_PROGRESS" or "ROLLBACK_IN_PROGRESS";

    private async Task<string> FindAsync(string stackId, CancellationToken cancellationToken)
    {
        var answer = await aws.PostAsync(
            "application/x-www-form-urlencoded",
            target: null,
            $"Action=DescribeStacks&Version=2010-05-15&StackName={Uri.EscapeDataString(stackId)}",
            body => (Find(body, "Code") ?? "Unknown", Find(body, "Message") ?? body),
            cancellationToken);
        return Find(answer, "StackStatus") ?? throw new AwsException("Unknown", $"CloudFormation says nothing about {stackId}.", null);
    }

    private static string? Find(string body, string element)
    {
        try
        {
            return XDocument.Parse(body).Descendants().FirstOrDefault(found => found.Name.LocalName == element)?.Value;
        }
        catch (XmlException)
        {
            return null;
        }
    }
}
