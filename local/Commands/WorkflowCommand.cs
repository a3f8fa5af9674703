using System.CommandLine;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Local.Views;
using CdcDms.Local.Workflow;
using CdcDms.Pipeline.Markers;

namespace CdcDms.Local.Commands;

/// <summary><c>workflow</c>: one execution of the synthesized workflow over running services.</summary>
internal static class WorkflowCommand
{
    private static readonly Option<string> Environment = new("--env")
    {
        Description = "The environment whose workflow is run; NAME.json stands in infra/Environments.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "dev",
    };

    private static readonly Option<bool> FullProof = new("--full-proof")
    {
        Description = "Compare whole tables in place of the batch; what differs is read for proofs, which the next batches judge.",
    };

    private static readonly Option<bool> Logs = new("--logs") { Description = "Show what the functions log, on stderr." };

    public static Command Create()
    {
        var command = new Command("workflow", "Run the environment's workflow once, with its functions, on this machine.")
        {
            Environment, CommonOptions.Source, CommonOptions.Target, CommonOptions.Lake, CommonOptions.S3Endpoint, CommonOptions.Tables,
            ProofOptions.FileSeconds, FullProof, CommonOptions.Json, Logs,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var environment = parsed.GetRequiredValue(Environment);
        var json = parsed.GetValue(CommonOptions.Json);
        var list = await parsed.TablesAsync(cancellationToken);
        var places = new WorkflowPlaces
        {
            Source = parsed.SourceText(),
            Target = parsed.TargetText(),
            Lake = parsed.LakeUri(),
            S3Endpoint = parsed.S3Uri(),
            FileSeconds = parsed.GetValue(ProofOptions.FileSeconds),
        };
        var folder = await Synthesis.FolderAsync(environment, new LogView(), cancellationToken);
        await using var workflow = await LocalWorkflow.StartAsync(
            new SynthesizedWorkflow(folder, environment),
            places,
            parsed.GetValue(Logs) ? Console.Error.WriteLine : _ => { },
            cancellationToken);
        Console.Error.WriteLine($"functions at {workflow.LambdaEndpoint}");
        var totals = new WorkflowTotals();
        var provesAll = parsed.GetValue(FullProof);
        if (!provesAll)
            await WriteMarkerAsync(places, cancellationToken);
        var view = new ExecutionNews(list.Tables.Select(table => table.Source.ToString()), json);
        var result = await view.WatchAsync(provesAll ? "comparing whole tables" : "merging what is new, and reading rows for proofs", () =>
            provesAll
                ? workflow.ProveAsync(list.Tables, Hear, cancellationToken)
                : workflow.RunAsync(list.Tables, Hear, cancellationToken));
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(totals.Report(result, list.Faults), LocalJson.Default.WorkflowReport));
        else
            WorkflowView.Write(result);
        return await new EachTable(parsed, list).EndAsync(
            succeeded: result is WorkflowSucceeded { Tables: var merged } && merged.All(table => table.Error is null));

        void Hear(WorkflowEvent happened)
        {
            totals.Add(happened);
            view.Happened(happened);
        }
    }

    /// <summary>
    /// Writes a marker, as a scheduled function does on AWS: without later ones no proof is ever judged. The batch goes on in any case.
    /// </summary>
    private static async Task WriteMarkerAsync(WorkflowPlaces places, CancellationToken cancellationToken)
    {
        try
        {
            await MarkerWriter.WriteOneAsync(places.Source, places.FileSeconds, cancellationToken);
        }
        catch (CdcDmsException fault)
        {
            Screen.Note($"{fault.Message} Proofs that were asked for stay pending until a later marker is written.");
        }
    }
}
