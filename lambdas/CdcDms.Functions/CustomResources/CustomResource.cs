using CdcDms.Aws;
using CdcDms.Contract;

namespace CdcDms.Functions.CustomResources;

/// <summary>
/// Carries out a request of CloudFormation and answers it, whatever happens: without an answer the stack waits until its own timeout.
/// </summary>
internal static class CustomResource
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(15) };

    /// <param name="input">The function's input.</param>
    /// <param name="function">The function's name, for its messages.</param>
    /// <param name="carryOutAsync">Does what is asked for; what it throws becomes the reason of a failure.</param>
    /// <param name="cancellationToken">Ends the work a little before the function's deadline, so that there is time to answer.</param>
    /// <returns>The answer that was sent.</returns>
    /// <exception cref="CdcDmsException">The input is not a request of CloudFormation.</exception>
    /// <exception cref="HttpRequestException">
    /// The answer could not be sent. Lambda then calls again, which does no harm: a request may be carried out twice.
    /// </exception>
    public static async Task<ReadOnlyMemory<byte>> AnswerAsync(
        ReadOnlyMemory<byte> input,
        string function,
        Func<CloudFormationRequest, CancellationToken, Task> carryOutAsync,
        CancellationToken cancellationToken)
    {
        var request = CloudFormationInput.Parse(input, function);
        var reason = await TryAsync(request, carryOutAsync, cancellationToken);
        var answer = CloudFormationOutput.Write(CloudFormationAnswer.To(request, reason));

        // No content type: the pre-signed URL is signed without one. The URL is of S3 in this region, which a VPC's gateway endpoint
        // reaches.
        using var response = await Http.PutAsync(new Uri(request.ResponseUrl), new ByteArrayContent(answer), CancellationToken.None);
        response.EnsureSuccessStatusCode();
        return answer;
    }

    /// <returns>Why the request failed; null when it succeeded.</returns>
    private static async Task<string?> TryAsync(
        CloudFormationRequest request,
        Func<CloudFormationRequest, CancellationToken, Task> carryOutAsync,
        CancellationToken cancellationToken)
    {
        var resource = request.LogicalResourceId;
        try
        {
            await carryOutAsync(request, cancellationToken);
            return null;
        }
        catch (CdcDmsException told)
        {
            return told.Message;
        }
        catch (AwsException refused)
        {
            return $"AWS refused what {resource} needs, {refused.Message}";
        }
        catch (Exception fault)
        {
            // CloudFormation shows the reason to everybody who may see the stack.
            var told = Failure.Describe(fault);
            await Console.Error.WriteLineAsync(string.Join('\n', [$"{told.Type}: {told.Message}", .. told.StackTrace]));
            return cancellationToken.IsCancellationRequested
                ? $"{resource} did not end within the function's time: {told.Message}"
                : $"{resource} met a fault of its own, {told.Type}: {told.Message}";
        }
    }
}
