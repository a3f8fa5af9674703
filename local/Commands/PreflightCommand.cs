using System.CommandLine;
using System.Text.Json;
using CdcDms.Local.Views;
using CdcDms.Local.Workflow;
using CdcDms.Pipeline.Preflight;

namespace CdcDms.Local.Commands;

/// <summary>
/// <c>preflight</c>: what in the databases would stop the pipeline or lose something, with the SQL that cures it; exit code 1 when there is
/// any.
/// </summary>
internal static class PreflightCommand
{
    private static readonly Option<string?> Target = new("--target")
    {
        Description = "Npgsql connection string of the analytics database, as the role of the merge. Default: only the source is checked.",
        HelpName = "CONN",
    };

    private static readonly Option<string?> Environment = new("--env")
    {
        Description = "The environment whose task is to run, for its LOB limit, heartbeat and slot. Default: an environment's defaults.",
        HelpName = "NAME",
    };

    private static readonly Option<bool> FixSql = new("--fix-sql")
    {
        Description = "Print the cures as one script for psql, and nothing else on stdout.",
    };

    public static Command Create()
    {
        var command = new Command("preflight", "Check both databases for what stops DMS and the merge or loses something; print the cures.")
        {
            CommonOptions.Source, Target, CommonOptions.Tables, Environment, ProofFollowing.ReadSource, FixSql, CommonOptions.Json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(FixSql) && result.GetValue(CommonOptions.Json))
                result.AddError("--fix-sql prints a script and --json an object: choose one of them.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var source = parsed.SourceText();
        var target = parsed.GetValue(Target) is { } text ? CommonOptions.Connection(text, "of the analytics database") : null;
        var reader = parsed.GetValue(ProofFollowing.ReadSource) is { } read
            ? CommonOptions.Connection(read, "by which the source is read")
            : null;
        var list = await parsed.TablesAsync(cancellationToken);
        var settings = parsed.GetValue(Environment) is { } environment
            ? SynthesizedReplication.Settings(
                await Synthesis.FolderAsync(environment, new LogView(), cancellationToken), environment)
            : new PreflightSettings();
        var report = await new PreflightJob(source, target, settings, reader).RunAsync(list, cancellationToken);
        if (parsed.GetValue(FixSql))
            Screen.Script(FixScript.Of(report));
        else if (parsed.GetValue(CommonOptions.Json))
            Console.WriteLine(JsonSerializer.Serialize(
                new PreflightSummary(report.IsClean, report.Findings), LocalJson.Default.PreflightSummary));
        else
            PreflightView.Write(report);
        return report.IsClean ? 0 : CommandRun.Failed;
    }
}
