using CdcDms.Local.Workflow;
using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>What <c>workflow</c> shows.</summary>
internal static class WorkflowView
{
    /// <summary>One event in one line.</summary>
    public static string Line(WorkflowEvent happened) => happened switch
    {
        StateEntered { Table: { } table } at => $"{table}: {at.State}",
        StateEntered at => at.State,
        TaskErred at => $"{at.Table ?? "batch"}: {at.State} failed: {at.Error}",
        TaskRetried at => $"{at.Table ?? "batch"}: {at.State} again (attempt {at.Attempt + 1})",
        BatchMerged { Output: var output } =>
            $"{output.Table}: {output.Files} files, {Screen.Number(output.Rows.Read)} rows{(output.More ? ", more wait" : "")}",
        PeopleTold told => $"told: {told.Subject}: {told.Message}",
        _ => "",
    };

    /// <summary>How the execution ended: the failure, or a table of what was compared.</summary>
    public static void Write(WorkflowResult result)
    {
        if (result is WorkflowFailed failed)
        {
            Console.WriteLine($"Failed: {failed.Error}: {failed.Cause}");
            return;
        }

        var table = Screen.Table("table", "rows in source", "rows in analytics", "fingerprint");
        foreach (var (name, sourceRows, targetRows, identical, _, _) in ((WorkflowSucceeded)result).Tables)
            table.AddRow(
                Markup.Escape(name), Screen.OptionalNumber(sourceRows), Screen.OptionalNumber(targetRows),
                identical switch { true => "[green]equal[/]", false => "[yellow]differs[/]", null => "not compared" });
        AnsiConsole.Write(table);
        foreach (var report in ((WorkflowSucceeded)result).Tables.Where(report => report.Cause is not null))
            Console.WriteLine($"{report.Table} was merged and not compared: {report.Error}: {report.Cause}");
    }
}
