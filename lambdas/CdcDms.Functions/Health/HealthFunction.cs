using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Functions.Tables;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Health;

namespace CdcDms.Functions.Health;

/// <summary>Looks at the source, the lake and the analytics database, and tells what is wrong with the pipeline.</summary>
internal static class HealthFunction
{
    public static Handler Handler => async (json, invocation, cancellationToken) =>
    {
        var input = FunctionInput.Parse(json, ContractJson.Default.HealthInput, FunctionNames.Health);
        var tables = TableDefinitions.Judge(input.Tables, $"The input of {FunctionNames.Health}");
        var looks = 0;
        var report = await DatabaseWork.RunAsync(
            invocation,
            FunctionNames.Health,
            "look for a server that does not answer; the next look tries again",
            connections => RunAsync(input, tables.All(), connections, isFirst: looks++ == 0, cancellationToken),
            cancellationToken);
        foreach (var line in HealthLines.Of(report, invocation))
            Console.WriteLine(line);
        var fitting = FittingReport.Of(report) with { RunbookPage = input.Runbook };
        var output = new HealthOutput { Report = fitting, Message = HealthMessage.Of(fitting), Tell = input.Tell };
        return JsonSerializer.SerializeToUtf8Bytes(output, ContractJson.Default.HealthOutput);
    };

    private static async Task<HealthReport> RunAsync(
        HealthInput input,
        IReadOnlyList<TableDefinition> tables,
        Connections connections,
        bool isFirst,
        CancellationToken cancellationToken)
    {
        using var lake = Connections.Lake(input.Lake);
        var places = new HealthPlaces
        {
            SourceAsync = connections.SourceAsync,
            TargetAsync = connections.TargetAsync,
            MayReadPasswordsAnew = () => isFirst && connections.MayReadPasswordsAnew,
            Lake = lake.Reader,
            Replication = () => input.Replication.Health ?? throw new CdcDmsException(
                ErrorKind.Unavailable, $"DMS was not asked; the log of the function {FunctionNames.ReplicationHealth} has the reason."),
            Certificates = Certificates,
            Secrets = SecretAges.Looks(),
        };
        return await new HealthJob(places, input.Limits, connections.Invocation.Clock).RunAsync(tables, cancellationToken);
    }

    private static IReadOnlyList<CertificateHealth> Certificates() =>
    [
        .. new[] { DatabaseVariables.Source, DatabaseVariables.Target }
            .Select(database => (database.Role, Path: Connections.AuthoritiesPath(database)))
            .Where(database => File.Exists(database.Path))
            .Select(database => new CertificateHealth(database.Role, LastEnd(database.Path))),
    ];

    private static DateTime LastEnd(string path)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(path);
        return certificates.Max(certificate => certificate.NotAfter.ToUniversalTime());
    }
}
