using System.CommandLine;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Local.Operations;
using CdcDms.Local.Remote;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Health;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Local.Commands;

/// <summary><c>health</c>: what is wrong with the pipeline; exit code 1 when somebody must look now.</summary>
internal static class HealthCommand
{
    public static Command Create()
    {
        var command = new Command(
            "health",
            "Look at the source, the lake and the analytics database, and tell what is wrong: slots, markers, files that wait, tables that "
            + "are parked, not fresh or not proven. It reads no row of a table, and changes nothing. With --env also what DMS says of the "
            + "replication and its tables.")
        {
            CommonOptions.Json,
        };
        command.Reaches([Reach.Source, Reach.Target, Reach.Lake, Reach.Tables], CommonOptions.S3Endpoint);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var report = parsed.OperatedEnvironment() is { } environment
            ? await LookAtAsync(environment, cancellationToken)
            : await LookAsync(parsed.Places(), cancellationToken);
        if (parsed.GetValue(CommonOptions.Json))
            Console.WriteLine(JsonSerializer.Serialize(report, ContractJson.Default.HealthReport));
        else
            HealthView.Write(report);
        return report.Findings.Any(finding => finding.Severity is HealthSeverity.Critical) ? CommandRun.Failed : 0;
    }

    private static async Task<HealthReport> LookAtAsync(OperatedEnvironment environment, CancellationToken cancellationToken)
    {
        var machine = WorkflowNames.HealthWorkflow(environment.Name);
        var (_, output) = await MachineRun.RunAsync(environment, machine, "{}", cancellationToken);
        return JsonSerializer.Deserialize(output, ContractJson.OfOtherVersion.HealthReport)!;
    }

    /// <summary>Looks at a pipeline of which every place is known.</summary>
    internal static async Task<HealthReport> LookAsync(ConnectedPlaces known, CancellationToken cancellationToken)
    {
        using var s3 = known.ConnectS3();
        var tables = await known.Tables!(cancellationToken);
        var places = new HealthPlaces
        {
            SourceAsync = _ => Task.FromResult(known.Source!),
            TargetAsync = _ => Task.FromResult(known.Target!),
            Lake = new LakeReader(s3, known.Lake!),
        };
        return await new HealthJob(places, new HealthLimits()).RunAsync(tables.All(), cancellationToken);
    }
}
