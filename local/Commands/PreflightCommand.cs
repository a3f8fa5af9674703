using System.CommandLine;
using System.Text.Json;
using CdcDms.Local.Operations;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Operations;
using CdcDms.Pipeline.Preflight;

namespace CdcDms.Local.Commands;

/// <summary>
/// <c>preflight</c>: what in the databases would stop the pipeline or lose something, with the SQL that cures it; exit code 1 when there is
/// any.
/// </summary>
internal static class PreflightCommand
{
    private static readonly Option<string?> Target = new(Reach.Target.Name)
    {
        Description = "Npgsql connection string of the analytics database, as the role of the merge. Default: only the source is checked.",
        HelpName = "CONN",
    };

    private static readonly Option<string?> Environment = new(Reach.Environment.Name)
    {
        Description = "The environment whose task is to run. Alone, its function on AWS looks at its databases, called with your AWS "
            + "credentials. With --source, its LOB limit, heartbeat and slot are looked up. Default: an environment's defaults.",
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
            Reach.Source, Target, Reach.Tables, Environment, ProofOptions.ReadSource, FixSql, CommonOptions.Json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(FixSql) && result.GetValue(CommonOptions.Json))
                result.AddError("--fix-sql prints a script and --json an object: choose one of them.");
            if (result.GetResult(Reach.Source) is null && result.GetResult(Environment) is null)
                result.AddError("Say where the databases are: by --env NAME, or by --source and --tables.");
            else if (result.GetResult(Reach.Source) is null)
                Reach.RefuseBeside(result, [Target, Reach.Tables, ProofOptions.ReadSource]);
            else if (result.GetResult(Reach.Tables) is null)
                result.AddError("--source needs --tables: they say what is captured.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var connected = parsed.GetValue(Reach.Source) is not null;
        var operations = connected
            ? new ConnectedOperations(parsed.Places()) { Environment = parsed.GetValue(Environment) }
            : parsed.Operations();
        // A look comes before a deployment, so here the definitions of this checkout count.
        var list = connected ? await parsed.TablesAsync(cancellationToken) : parsed.OperatedEnvironment()!.Tables;
        var report = await operations.AskAsync(new PreflightRequest(list), cancellationToken);
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
