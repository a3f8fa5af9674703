using System.CommandLine;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
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
            + "are parked, not fresh or not proven. It reads no row of a table, and changes nothing.")
        {
            CommonOptions.Source, CommonOptions.Target, CommonOptions.Lake, CommonOptions.S3Endpoint, CommonOptions.Tables,
            CommonOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (source, target) = (parsed.SourceText(), parsed.TargetText());
        using var s3 = parsed.S3();
        var tables = await parsed.TablesAsync(cancellationToken);
        var places = new HealthPlaces
        {
            SourceAsync = _ => Task.FromResult(source),
            TargetAsync = _ => Task.FromResult(target),
            Lake = new LakeReader(s3, parsed.LakeUri()),
        };
        var report = await new HealthJob(places, new HealthLimits()).RunAsync(tables.All(), cancellationToken);
        if (parsed.GetValue(CommonOptions.Json))
            Console.WriteLine(JsonSerializer.Serialize(report, ContractJson.Default.HealthReport));
        else
            HealthView.Write(report);
        return report.Findings.Any(finding => finding.Severity is HealthSeverity.Critical) ? CommandRun.Failed : 0;
    }
}
