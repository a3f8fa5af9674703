using System.Net.Sockets;
using System.Text.Json;
using Amazon.Runtime;
using CdcDms.Aws;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Operations;

namespace CdcDms.Local.Remote;

/// <summary>Has the environment's function do it, inside its VPC (AWS: Lambda, Invoke).</summary>
/// <param name="access">The environment, and the operator's access to it.</param>
internal sealed class EnvironmentOperations(AwsAccess access) : IOperations
{
    private const string Service = "lambda";

    // A function has 15 minutes at most, and what stands between may forget a connection on which nothing moves (AWS: Lambda, Invoke).
    private static readonly HttpClient Http = new(new SocketsHttpHandler { ConnectCallback = ConnectAsync })
    {
        Timeout = TimeSpan.FromMinutes(16),
    };

    private readonly OperatedEnvironment _environment = access.Environment;

    public string Analytics => $"the analytics database of {_environment.Name}";

    public string Given => "--env";

    private string Function => WorkflowNames.OperateFunction(_environment.Name);

    public async Task<TReport> AskAsync<TReport>(OperateRequest<TReport> request, CancellationToken cancellationToken)
    {
        var input = JsonSerializer.SerializeToUtf8Bytes(request, OperateJson.Default.OperateRequest);
        var credentials = access.Credentials();
        var answer = await access.CallAsync(
            $"the function {Function}", "lambda:InvokeFunction", () => InvokeAsync(input, credentials, cancellationToken));
        try
        {
            return JsonSerializer.Deserialize(answer, ContractJson.Default.OperateAnswer) switch
            {
                ReportHere here => request.Read(JsonSerializer.SerializeToUtf8Bytes(here.Json, OperateJson.Default.JsonElement)),
                ReportStored stored => request.Read(await FetchAsync(stored.Url, cancellationToken)),
                _ => throw new JsonException("nothing"),
            };
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The function {Function} answered what this checkout does not understand, so the deployment is of another version; use "
                + $"the checkout that was deployed, or deploy this one: {fault.Message.TrimEnd('.')}.",
                fault);
        }
    }

    private async Task<byte[]> InvokeAsync(byte[] input, AWSCredentials credentials, CancellationToken cancellationToken)
    {
        var arn = Uri.EscapeDataString(_environment.Arn(Service, "function", Function));
        var url = new Uri(_environment.Url(Service, "AWS_ENDPOINT_URL_LAMBDA"), $"/2015-03-31/functions/{arn}/invocations");
        using var request = AwsSignature.Now(Service, _environment.Region, url, input, await credentials.GetCredentialsAsync());
        try
        {
            using var response = await Http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw Refusal(response, body);
            return response.Headers.Contains("X-Amz-Function-Error") ? throw Failure(body) : body;
        }
        catch (Exception away) when (away is HttpRequestException
            || (away is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new AwsException("Unreachable", $"{url.Host} did not answer: {away.Message}", null, away);
        }
    }

    // The code is in a header, before an address; the message is "Message" or "message" (AWS: REST JSON protocol).
    private static AwsException Refusal(HttpResponseMessage response, byte[] body)
    {
        var code = response.Headers.TryGetValues("x-amzn-ErrorType", out var types) ? types.First().Split(':')[0] : "Unknown";
        return new AwsException(code, Text(body, "Message") ?? Text(body, "message") ?? "without a word", response.StatusCode);
    }

    // What the function tells in a sentence has its kind for a type; anything else is of Lambda, or a defect.
    private CdcDmsException Failure(byte[] body)
    {
        var message = Text(body, "errorMessage") ?? "it did not say why";
        return Enum.TryParse<ErrorKind>(Text(body, "errorType"), out var kind)
            ? new CdcDmsException(kind, message)
            : new CdcDmsException(
                ErrorKind.Unavailable, $"The function {Function} failed: {message.TrimEnd('.')}; its log in CloudWatch says more.");
    }

    private static string? Text(byte[] json, string property)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.TryGetProperty(property, out var text) ? text.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<byte[]> FetchAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            return await Http.GetByteArrayAsync(url, cancellationToken);
        }
        catch (HttpRequestException fault)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"The report is too large for Lambda, and cannot be fetched from {url.Host}: {fault.Message.TrimEnd('.')}; look whether "
                + "this machine reaches S3, and repeat the command.",
                fault);
        }
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
