using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Functions.Aws;
using CdcDms.Functions.CustomResources;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions.Sandbox;

/// <summary>
/// The sandbox's own function, inside the VPC. As a custom resource it prepares both databases before DMS first starts; by schedule
/// it writes a little. Deleting it does nothing: the databases go with their stack.
/// </summary>
internal static class SandboxFunction
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(15) };

    public static Handler Handler => HandleAsync;

    private static async Task<ReadOnlyMemory<byte>> HandleAsync(ReadOnlyMemory<byte> input, Invocation invocation, CancellationToken cancellationToken)
    {
        using var json = JsonDocument.Parse(input);
        if (!json.RootElement.TryGetProperty("RequestType", out _))
        {
            await SandboxShop.TradeAsync(await OwnerAsync(FunctionEnvironment.SandboxSourceOwner, FunctionEnvironment.SourceAuthoritiesFile, cancellationToken), cancellationToken);
            return "{}"u8.ToArray();
        }

        var request = JsonSerializer.Deserialize(input.Span, CloudFormationJson.Default.CloudFormationEvent)!;
        return await AnswerAsync(request, request.RequestType == RequestType.Delete ? null : await TryPrepareAsync(cancellationToken));
    }

    // Whatever happens, CloudFormation gets an answer; without one the stack waits until it loses patience.
    private static async Task<string?> TryPrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SandboxShop.PrepareSourceAsync(
                await OwnerAsync(FunctionEnvironment.SandboxSourceOwner, FunctionEnvironment.SourceAuthoritiesFile, cancellationToken),
                (await SecretAsync(FunctionEnvironment.SandboxSourceUser, cancellationToken)).Password,
                cancellationToken);
            await SandboxShop.PrepareAnalyticsAsync(
                await OwnerAsync(FunctionEnvironment.SandboxAnalyticsOwner, FunctionEnvironment.TargetAuthoritiesFile, cancellationToken),
                (await SecretAsync(FunctionEnvironment.SandboxAnalyticsUser, cancellationToken)).Password,
                cancellationToken);
            return null;
        }
        catch (Exception fault) when (fault is CdcDmsException or AwsException or Npgsql.NpgsqlException or OperationCanceledException)
        {
            return $"The sandbox's databases cannot be prepared: {fault.Message}";
        }
    }

    private static async Task<string> OwnerAsync(string variable, string authorities, CancellationToken cancellationToken) =>
        (await SecretAsync(variable, cancellationToken)).Connection(database: null, Path.Combine(AppContext.BaseDirectory, authorities)).ConnectionString;

    private static Task<Secret> SecretAsync(string variable, CancellationToken cancellationToken) => OwnSecrets.ReadAsync(
        AwsApi.FromEnvironment("secretsmanager", "AWS_ENDPOINT_URL_SECRETS_MANAGER"),
        Environment.GetEnvironmentVariable(variable) ?? throw new CdcDmsException(ErrorKind.BadDefinition, $"Set {variable} to the ARN of a secret."),
        cancellationToken);

    private static async Task<ReadOnlyMemory<byte>> AnswerAsync(CloudFormationEvent request, string? fault)
    {
        var answer = JsonSerializer.SerializeToUtf8Bytes(
            new CloudFormationAnswer
            {
                Status = fault is null ? "SUCCESS" : "FAILED",
                Reason = fault?.Length > 1000 ? fault[..1000] : fault,
                PhysicalResourceId = request.PhysicalResourceId ?? $"{request.StackId.Split('/')[1]}/{request.LogicalResourceId}",
                StackId = request.StackId,
                RequestId = request.RequestId,
                LogicalResourceId = request.LogicalResourceId,
            },
            CloudFormationJson.Default.CloudFormationAnswer);

        // No content type: the pre-signed URL is signed without one. It leads to S3 in this region, which the VPC's gateway endpoint reaches.
        using var response = await Http.PutAsync(new Uri(request.ResponseUrl), new ByteArrayContent(answer), CancellationToken.None);
        response.EnsureSuccessStatusCode();
        return answer;
    }
}
