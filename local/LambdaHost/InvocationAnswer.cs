using System.Text.Json;

namespace CdcDms.Local.LambdaHost;

/// <summary>The answer of an invocation: the function's output, or an error.</summary>
/// <param name="Body">JSON: the function's answer, or the error.</param>
/// <param name="IsError">Whether it is an error (header <c>X-Amz-Function-Error</c>).</param>
internal sealed record InvocationAnswer(ReadOnlyMemory<byte> Body, bool IsError)
{
    /// <summary>An error that Lambda itself reports, in its own words (AWS: Lambda function errors).</summary>
    public static InvocationAnswer HostError(string type, string message) =>
        new(
            JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["errorType"] = type, ["errorMessage"] = message }),
            IsError: true);
}
