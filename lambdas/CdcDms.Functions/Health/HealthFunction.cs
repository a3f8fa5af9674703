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
    // A state holds 256 KiB (AWS: Step Functions quotas), and a finding stands in it twice: in the report and in its text.
    private const int MostBytes = 64 * 1024;
    private const int MostFindings = 100;
    private const int MostLetters = 500;

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
        var fitting = Fitting(report, input.Runbook);
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

    // Of tables with a finding first.
    private static HealthReport Fitting(HealthReport report, string runbook)
    {
        var left = MostBytes;
        var found = report.Findings.Select(finding => finding.Table).ToHashSet();
        return report with
        {
            RunbookPage = runbook,
            Findings = [.. report.Findings.Take(MostFindings).Select(finding => finding with { Reason = finding.Reason.Cut(MostLetters) })],
            Tables =
            [
                .. report.Tables.OrderByDescending(table => found.Contains(table.Table))
                    .TakeWhile(table => (left -= Bytes(table)) >= 0),
            ],
        };
    }

    private static int Bytes(TableHealth table) => JsonSerializer.SerializeToUtf8Bytes(table, ContractJson.Default.TableHealth).Length;
}
