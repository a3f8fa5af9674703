using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Local.LambdaHost;

namespace CdcDms.Local.Workflow;

/// <summary>The synthesized workflow on this machine: the same definitions, calling the same published functions.</summary>
internal sealed class LocalWorkflow : IAsyncDisposable
{
    private readonly SynthesizedWorkflow _workflow;
    private readonly LocalLambda _lambda;
    private readonly JsonObject _machines;
    private readonly TimeSpan? _waits;

    private readonly LocalSpark _spark;

    private LocalWorkflow(SynthesizedWorkflow workflow, LocalLambda lambda, LocalSpark spark, WorkflowPlaces places)
    {
        (_workflow, _lambda, _spark, _waits) = (workflow, lambda, spark, places.Waits);
        _machines = new JsonObject(
            workflow.Machines.Select(machine => KeyValuePair.Create(machine.Key, (JsonNode?)machine.Value.DeepClone())));
        // What the template can only name: the bucket.
        var markers = _machines[workflow.Start]!["States"]![WorkflowNames.MergeMarkersState]!;
        markers["Parameters"]!["Payload"]![WorkflowNames.LakeInput] = places.Lake.ToString();
        _machines[workflow.Health]!["States"]![WorkflowNames.HealthStartState]!["Parameters"]![WorkflowNames.LakeInput] =
            places.Lake.ToString();
        foreach (var machine in (string[])[workflow.Start, workflow.Reload])
        {
            var tables = _machines[machine]!["States"]![WorkflowNames.TablesState]!["ItemProcessor"]!;
            var input = tables["States"]![WorkflowNames.MergeTableState]!["Parameters"]!["Input"]!;
            input[WorkflowNames.LakeInput] = places.Lake.ToString();
            if (places.BatchBytes is { } bytes)
                input[WorkflowNames.BatchBytesInput] = bytes;
        }
    }

    /// <summary>Where the functions can be invoked, also by the AWS command line.</summary>
    public Uri LambdaEndpoint => _lambda.Endpoint;

    /// <summary>Starts the functions' host.</summary>
    /// <param name="workflow">The workflow.</param>
    /// <param name="places">Where it works.</param>
    /// <param name="log">Hears what the functions log, line by line.</param>
    public static async Task<LocalWorkflow> StartAsync(
        SynthesizedWorkflow workflow, WorkflowPlaces places, Action<string> log, CancellationToken cancellationToken)
    {
        var variables = new Dictionary<string, string>
        {
            [FunctionEnvironment.Source] = places.Source,
            [FunctionEnvironment.Target] = places.Target,
            [FunctionEnvironment.FileIntervalSeconds] = places.FileSeconds.ToString(CultureInfo.InvariantCulture),
        };
        if (places.S3Endpoint is { } endpoint)
            variables[FunctionEnvironment.S3Endpoint] = endpoint.ToString();
        if (places.DmsEndpoint is { } dms)
        {
            variables["AWS_ENDPOINT_URL_DATABASE_MIGRATION_SERVICE"] = dms.ToString();
            variables["AWS_REGION"] = "local";
        }

        if (places.Credentials is var (id, secret))
            (variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]) = (id, secret);
        var spark = await LocalSpark.StartAsync(places, cancellationToken);
        try
        {
            var lambda = await LocalLambda.StartAsync(workflow.Functions(variables), log, cancellationToken);
            return new LocalWorkflow(workflow, lambda, spark, places);
        }
        catch
        {
            await spark.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs one execution; several may run at once.</summary>
    /// <param name="tables">The tables in place of the environment's; null for those.</param>
    /// <param name="hear">Hears each event as it happens.</param>
    /// <exception cref="CdcDmsException">Node is missing, or the interpreter broke.</exception>
    public Task<WorkflowResult> RunAsync(
        IReadOnlyList<TableDefinition>? tables, Action<WorkflowEvent> hear, CancellationToken cancellationToken) =>
        RunAsync(_workflow.Start, tables, hear, cancellationToken);

    /// <summary>Runs one full proof; what differs is read for proofs, which the next executions judge.</summary>
    /// <inheritdoc cref="RunAsync(IReadOnlyList{TableDefinition}?, Action{WorkflowEvent}, CancellationToken)"/>
    public Task<WorkflowResult> ProveAsync(
        IReadOnlyList<TableDefinition>? tables, Action<WorkflowEvent> hear, CancellationToken cancellationToken) =>
        RunAsync(_workflow.Proof, tables, hear, cancellationToken);

    /// <summary>Has tables loaded again, merged and read for proofs, which the next executions judge.</summary>
    /// <inheritdoc cref="RunAsync(IReadOnlyList{TableDefinition}?, Action{WorkflowEvent}, CancellationToken)"/>
    public Task<WorkflowResult> ReloadAsync(
        IReadOnlyList<TableDefinition>? tables, Action<WorkflowEvent> hear, CancellationToken cancellationToken) =>
        RunAsync(_workflow.Reload, tables, hear, cancellationToken);

    /// <summary>Looks how the pipeline is.</summary>
    /// <param name="tables">The tables in place of the environment's; null for those.</param>
    /// <param name="tell">Whether people are told, also when nothing is wrong.</param>
    /// <param name="hear">Hears each event as it happens.</param>
    /// <exception cref="CdcDmsException">Node is missing, or the interpreter broke.</exception>
    public Task<WorkflowResult> LookAsync(
        IReadOnlyList<TableDefinition>? tables, bool tell, Action<WorkflowEvent> hear, CancellationToken cancellationToken)
    {
        var machines = _machines.DeepClone().AsObject();
        if (tables is not null)
            machines[_workflow.Health]!["States"]![WorkflowNames.HealthStartState]!["Parameters"]!["tables"] = Json(tables);
        return RunAsync(machines, _workflow.Health, tell ? new JsonObject { ["tell"] = true } : [], hear, cancellationToken);
    }

    private Task<WorkflowResult> RunAsync(
        string machine, IReadOnlyList<TableDefinition>? tables, Action<WorkflowEvent> hear, CancellationToken cancellationToken) =>
        RunAsync(
            _machines.DeepClone(), machine, tables is null ? [] : new JsonObject { ["tables"] = Json(tables) }, hear, cancellationToken);

    private Task<WorkflowResult> RunAsync(
        JsonNode machines, string start, JsonObject input, Action<WorkflowEvent> hear, CancellationToken cancellationToken) =>
        WorkflowProcess.RunAsync(
            new JsonObject
            {
                ["machines"] = machines,
                ["start"] = start,
                ["input"] = input,
                ["lambda"] = _lambda.Endpoint.ToString(),
                ["spark"] = _spark.Endpoint.ToString(),
                ["waitMilliseconds"] = _waits?.TotalMilliseconds,
            },
            hear,
            cancellationToken);

    private static JsonNode? Json(IReadOnlyList<TableDefinition> tables) =>
        JsonSerializer.SerializeToNode(tables, ContractJson.Default.IReadOnlyListTableDefinition);

    /// <summary>Ends the functions.</summary>
    public async ValueTask DisposeAsync()
    {
        await _lambda.DisposeAsync();
        await _spark.DisposeAsync();
    }
}
