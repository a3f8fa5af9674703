using System.Text.Json.Serialization;
using CdcDms.Aws;
using CdcDms.Contract;
using CdcDms.Contract.Functions;

namespace CdcDms.Functions.Health;

/// <summary>
/// How old the secrets of the databases are (AWS: Secrets Manager API reference, DescribeSecret). None of their values is read for that.
/// </summary>
internal static class SecretAges
{
    private static readonly (string Database, string Variable)[] Known =
    [
        ("source", FunctionEnvironment.SourceSecret),
        ("validation source", FunctionEnvironment.ReadSourceSecret),
        ("analytics", FunctionEnvironment.TargetSecret),
    ];

    /// <summary>
    /// What asks Secrets Manager, for each secret that the function has; it throws a <see cref="CdcDmsException"/> where Secrets Manager
    /// refuses or does not answer.
    /// </summary>
    public static IReadOnlyList<Func<CancellationToken, Task<SecretHealth>>> Looks() =>
    [
        .. Known.Select(one => (one.Database, Arn: Environment.GetEnvironmentVariable(one.Variable)))
            .Where(one => one.Arn is { Length: > 0 })
            .Select(one => (Func<CancellationToken, Task<SecretHealth>>)(ended => ReadAsync(one.Database, one.Arn!, ended))),
    ];

    private static async Task<SecretHealth> ReadAsync(string database, string arn, CancellationToken cancellationToken)
    {
        var secrets = new AwsJsonApi(
            AwsApi.FromEnvironment("secretsmanager", "AWS_ENDPOINT_URL_SECRETS_MANAGER"), "1.1", "secretsmanager");
        try
        {
            var found = await secrets.CallAsync(
                "DescribeSecret",
                new DescribeSecret(arn),
                SecretAgeJson.Default.DescribeSecret,
                SecretAgeJson.Default.DescribedSecret,
                cancellationToken);
            return new SecretHealth(
                database,
                Time(new[] { found.LastRotatedDate, found.LastChangedDate, found.CreatedDate }.OfType<double>().Max()),
                found is { RotationEnabled: true, NextRotationDate: { } next } ? Time(next) : null);
        }
        catch (AwsException fault)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"The secret {arn} was not described: {fault.Message.TrimEnd('.')}; let the function's role do "
                + "secretsmanager:DescribeSecret with it, and look at the endpoint of Secrets Manager and its policy.",
                fault);
        }
    }

    private static DateTime Time(double seconds) => DateTime.UnixEpoch.AddSeconds(seconds);
}

internal sealed record DescribeSecret(string SecretId);

/// <summary>What Secrets Manager tells; fields without a value are left out. Times are in seconds since 1970.</summary>
internal sealed record DescribedSecret
{
    public required double CreatedDate { get; init; }

    public double? LastChangedDate { get; init; }

    public double? LastRotatedDate { get; init; }

    public bool? RotationEnabled { get; init; }

    public double? NextRotationDate { get; init; }
}

[JsonSerializable(typeof(DescribeSecret))]
[JsonSerializable(typeof(DescribedSecret))]
internal sealed partial class SecretAgeJson : JsonSerializerContext;
