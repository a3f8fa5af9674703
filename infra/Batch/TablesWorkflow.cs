using Amazon.CDK.AWS.StepFunctions;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Notices;
using CdcDms.Infra.StateMachines;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>
/// A workflow that does the same to some tables, several at a time: those of an input <c>{"tables":[…]}</c>, else those that it carries. A
/// table that fails does not stop the others; at the end people are told its name, and the execution fails.
/// </summary>
internal sealed class TablesWorkflow : Construct
{
    private const int MostToldWithCause = 100;

    private readonly TablesWorkflowProps _props;

    public TablesWorkflow(Construct scope, string id, TablesWorkflowProps props)
        : base(scope, id)
    {
        _props = props;
        var tables = Tables();
        tables.Next(Ends());
        var first = props.Before?.Invoke(tables) ?? tables;

        // A list without tables is taken for none, so that no caller does nothing by mistake.
        var definition = new Choice(this, "GivenTables").When(Condition.IsPresent("$.tables[0]"), first);
        Machine = new LoggedStateMachine(this, "Default", new LoggedStateMachineProps
        {
            Name = props.Name,
            Comment = props.Comment,
            Definition = definition.Otherwise(props.Carried is { } carried ? Definitions(carried).Next(first) : NoTables()),
            Timeout = props.Timeout,
            LogRemoval = props.Around.LogRemoval,
        }).Machine;
        Machine.MayTell(props.Around.Topics);
        if (props.ExecutionEach)
            Machine.AllowMapRuns(props.Name);
    }

    public StateMachine Machine { get; }

    /// <summary>
    /// Whether the causes of all tables that failed, each told once more in a message, surely fit into a state, which holds 256 KiB, and
    /// into a message, which does, too (AWS: Step Functions and SNS quotas). Otherwise a message has their names alone.
    /// </summary>
    public static bool TellsCauses(DeploymentEnvironment environment) => environment.Tables.Count <= MostToldWithCause;

    /// <summary>The tables with an outcome, as a path below the summary.</summary>
    public static string Those(string outcome) => $"$.results[?(@.outcome == '{outcome}')]";

    private Pass Definitions(IReadOnlyList<TableDefinition> tables) => new(this, "Definitions", new PassProps
    {
        Result = Result.FromArray(CarriedTables.Of(tables)),
        ResultPath = "$.tables",
    });

    private Fail NoTables() => new(this, "NoTables", new FailProps
    {
        Error = "BadDefinition",
        Cause = $"The input of {_props.Name} names no table: give it {{\"tables\":[…]}}, the definitions as the environment file has them.",
    });

    private MapBase Tables()
    {
        const string items = "$.tables";
        var selected = new Dictionary<string, object> { ["table.$"] = "$$.Map.Item.Value" };
        if (!_props.ExecutionEach)
        {
            var map = new Map(
                this,
                WorkflowNames.TablesState,
                new MapProps { ItemsPath = items, ItemSelector = selected, MaxConcurrency = _props.SideBySide });
            return map.ItemProcessor(_props.Each);
        }

        var tables = new DistributedMap(this, WorkflowNames.TablesState, new DistributedMapProps
        {
            ItemsPath = items,
            ItemSelector = selected,
            MaxConcurrency = _props.SideBySide,
            MapExecutionType = StateMachineType.STANDARD,
        });
        return tables.ItemProcessor(_props.Each);
    }

    private Chain Ends()
    {
        var succeeded = new Succeed(this, _props.Succeeded, new SucceedProps { OutputPath = "$.results" });
        var other = _props.Other?.Invoke(succeeded);
        var parameters = new Dictionary<string, object> { ["results.$"] = "$", ["failed.$"] = Has(_props.Failure.Outcome) };
        var asked = new Choice(this, _props.Asked)
            .When(Condition.BooleanEquals("$.failed", true), Failures().Next(Names()).Next(Tell()));
        if (other is not null)
        {
            parameters[$"{other.Outcome}.$"] = Has(other.Outcome);
            asked.When(Condition.BooleanEquals($"$.{other.Outcome}", true), other.Then);
        }

        return new Pass(this, "Summary", new PassProps { Parameters = parameters }).Next(asked.Otherwise(succeeded));
    }

    private static string Has(string outcome) => $"States.ArrayContains($[*].outcome, '{outcome}')";

    private Pass Failures() => new(this, "Failures", new PassProps
    {
        Parameters = new Dictionary<string, object> { ["failed.$"] = Those(_props.Failure.Outcome) },
    });

    private Pass Names() => new(this, "Names", new PassProps
    {
        Parameters = new Dictionary<string, object>
        {
            ["cause.$"] = $"States.Format('{_props.Failure.Cause}', States.JsonToString($.failed[*].table))",
            ["message.$"] = $"States.Format('[{_props.Failure.Severity.Word()}] {_props.Name}: {{}}', "
                + $"States.JsonToString($.failed{(TellsCauses(_props.Around.Environment) ? "" : "[*].table")}))",
        },
    });

    // The execution fails whether or not anybody could be told; its own alarm then tells.
    private Pass Tell() => new TellPeople(this, "Tell", new TellPeopleProps
    {
        Environment = _props.Around.Environment,
        Topics = _props.Around.Topics.Of(_props.Failure.Severity),
        What = _props.Failure.What,
        MessagePath = "$.message",
        Runbook = _props.Failure.Runbook,
        Then = new Fail(this, _props.Failure.Error, new FailProps { Error = _props.Failure.Error, CausePath = "$.cause" }),
    }).First;
}
