using CdcDms.Aws;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Functions.Aws;
using CdcDms.Functions.CustomResources;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Functions.Sandbox;

/// <summary>
/// The sandbox's own function, inside the VPC. As a custom resource it prepares both databases before DMS first starts; by schedule
/// it writes a little. Deleting the resource does nothing: the databases are deleted with their stack.
/// </summary>
internal static class SandboxFunction
{
    private const string NotPrepared = "The sandbox's databases cannot be prepared";

    public static Handler Handler => HandleAsync;

    private static async Task<ReadOnlyMemory<byte>> HandleAsync(
        ReadOnlyMemory<byte> input, Invocation invocation, CancellationToken cancellationToken)
    {
        if (CloudFormationInput.IsRequest(input, FunctionNames.Sandbox))
            return await CustomResource.AnswerAsync(input, FunctionNames.Sandbox, CarryOutAsync, cancellationToken);

        await SandboxShop.TradeAsync(await SourceOwnerAsync(cancellationToken), cancellationToken);
        return "{}"u8.ToArray();
    }

    private static async Task CarryOutAsync(CloudFormationRequest request, CancellationToken cancellationToken)
    {
        if (request.RequestType == RequestType.Delete)
            return;
        try
        {
            await PrepareAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is CdcDmsException or AwsException)
        {
            throw new CdcDmsException(ErrorKind.Unavailable, $"{NotPrepared}: {fault.Message}", fault);
        }
        catch (NpgsqlException fault)
        {
            throw PostgresFault.Tell(fault, NotPrepared);
        }
    }

    private static async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var source = await SourceOwnerAsync(cancellationToken);
        var sourceUser = await SecretAsync(FunctionEnvironment.SandboxSourceUser, cancellationToken);
        await SandboxShop.PrepareSourceAsync(source, sourceUser.Password, cancellationToken);

        var analytics = await OwnerAsync(
            FunctionEnvironment.SandboxAnalyticsOwner, FunctionEnvironment.TargetAuthoritiesFile, cancellationToken);
        var analyticsUser = await SecretAsync(FunctionEnvironment.SandboxAnalyticsUser, cancellationToken);
        await SandboxShop.PrepareAnalyticsAsync(analytics, analyticsUser.Password, cancellationToken);
    }

    private static Task<string> SourceOwnerAsync(CancellationToken cancellationToken) =>
        OwnerAsync(FunctionEnvironment.SandboxSourceOwner, FunctionEnvironment.SourceAuthoritiesFile, cancellationToken);

    private static async Task<string> OwnerAsync(string variable, string authorities, CancellationToken cancellationToken)
    {
        var secret = await SecretAsync(variable, cancellationToken);
        var server = secret.Server
            ?? throw new CdcDmsException(ErrorKind.BadDefinition, $"The secret of {variable} names no host and port: add them.");
        return secret.Connection(server, database: null, Path.Combine(AppContext.BaseDirectory, authorities), SslMode.VerifyFull)
            .ConnectionString;
    }

    private static Task<Secret> SecretAsync(string variable, CancellationToken cancellationToken) => OwnSecrets.ReadAsync(
        AwsApi.FromEnvironment("secretsmanager", "AWS_ENDPOINT_URL_SECRETS_MANAGER"),
        Environment.GetEnvironmentVariable(variable)
            ?? throw new CdcDmsException(ErrorKind.BadDefinition, $"Set {variable} to the ARN of a secret."),
        cancellationToken);
}
