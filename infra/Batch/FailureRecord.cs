using Amazon.CDK.AWS.StepFunctions;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>
/// The states that record a table's failure, <c>$.failure</c> with <c>Error</c> and <c>Cause</c>, as
/// <c>{"outcome":…,"table":…,"error":…,"cause":…}</c>; a table without a name by its definition. Of so many tables that the causes of all
/// might not fit into one state (<see cref="TablesWorkflow.TellsCauses"/>), it records no cause: the map would fail without a name.
/// </summary>
internal sealed class FailureRecord : Construct
{
    private readonly bool _tellsCause;

    /// <summary>Makes the states.</summary>
    /// <param name="scope">What reads the failure.</param>
    /// <param name="id">The construct's id.</param>
    /// <param name="outcome">One of <see cref="TableOutcomes"/>.</param>
    /// <param name="environment">Tells how many tables there are.</param>
    public FailureRecord(Construct scope, string id, string outcome, DeploymentEnvironment environment)
        : base(scope, id)
    {
        _tellsCause = TablesWorkflow.TellsCauses(environment);
        // A path that leads to nothing fails the execution (AWS: Step Functions, Choice state).
        var hasName = Condition.And([.. new[] { "$.table.schema", "$.table.name" }.SelectMany(
            path => new[] { Condition.IsPresent(path), Condition.IsString(path) })]);
        First = new Choice(this, "HasName")
            .When(hasName, Record("TableFailed", outcome, CarriedTables.TableName))
            .Otherwise(Record("NamelessFailed", outcome, "States.JsonToString($.table)"));
    }

    /// <summary>The state to go to when a table has failed.</summary>
    public Choice First { get; }

    private Pass Record(string state, string outcome, string table)
    {
        var record = new Dictionary<string, object> { ["outcome"] = outcome, ["table.$"] = table, ["error.$"] = "$.failure.Error" };
        if (_tellsCause)
            record["cause.$"] = "$.failure.Cause";
        return new Pass(this, state, new PassProps { Parameters = record });
    }
}
