using Amazon.CDK.AWS.StepFunctions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>The states that report what became of a table: its outcome, its name, and what the merges judged of its proofs.</summary>
/// <param name="workflow">The table's workflow.</param>
internal sealed class TableReports(Construct workflow)
{
    private const string Judged = "$.merge.proofs";

    /// <summary>Merged, and rows of it read for a proof where the environment says so.</summary>
    public Pass Merged() => Report("Report", TableOutcomes.Merged, Judged);

    /// <summary>Merged, but its rows could not be read for a proof.</summary>
    public Pass NotProven() =>
        Report("NotProven", TableOutcomes.NotProven, Judged, ("error.$", "$.failure.Error"), ("cause.$", "$.failure.Cause"));

    /// <summary>Left to another execution.</summary>
    /// <param name="state">The state's name.</param>
    /// <param name="reason">The path of the reason.</param>
    public Pass LeftAlone(string state, string reason) =>
        Report(state, TableOutcomes.LeftAlone, "States.StringToJson('null')", ("leftAlone.$", reason));

    private Pass Report(string state, string outcome, string proofs, params (string Name, string Path)[] more) =>
        new(workflow, state, new PassProps
        {
            Parameters = new Dictionary<string, object>(more.Select(part => KeyValuePair.Create(part.Name, (object)part.Path)))
            {
                ["outcome"] = outcome,
                ["table.$"] = CarriedTables.TableName,
                ["proofs.$"] = proofs,
            },
        });
}
