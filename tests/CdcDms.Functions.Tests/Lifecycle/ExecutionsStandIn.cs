using System.Text;
using System.Text.Json.Nodes;
using CdcDms.Functions.Tests.Aws;

namespace CdcDms.Functions.Tests.Lifecycle;

/// <summary>Step Functions on loopback, in the API's own JSON: every execution runs for one look and then ends as it is told.</summary>
internal sealed class ExecutionsStandIn : IDisposable
{
    public const string StateMachine = "arn:aws:states:eu-central-1:123456789012:stateMachine:cdcdms-dev-preflight";

    private readonly HttpStandIn _http;
    private int _looks;

    public ExecutionsStandIn() => _http = new HttpStandIn(Answer);

    public Uri Url => _http.Url;

    /// <summary>The inputs of the executions that were started.</summary>
    public List<string> Started { get; } = [];

    /// <summary>How executions end.</summary>
    public JsonObject End { get; set; } = Succeeded(new PreflightOutput { Blocks = [], Loses = [], Warns = [] });

    /// <summary>Looks at an execution that was started and is not known yet, before it is.</summary>
    public int Unknown { get; set; }

    /// <summary>Calls that are refused because there were too many, before any is answered.</summary>
    public int Throttled { get; set; }

    public static JsonObject Succeeded(PreflightOutput output) => new()
    {
        ["status"] = "SUCCEEDED",
        ["output"] = System.Text.Json.JsonSerializer.Serialize(output, ContractJson.Default.PreflightOutput),
    };

    public void Dispose() => _http.Dispose();

    private (int Status, string Body) Answer(WireRequest request)
    {
        if (SignatureCheck.Fault(request, "states") is { } fault)
            return (400, new JsonObject { ["__type"] = "InvalidSignatureException", ["message"] = fault }.ToJsonString());
        if (Throttled-- > 0)
            return (400, """{"__type":"com.amazonaws.swf.base.model#ThrottlingException","message":"Rate exceeded"}""");
        var input = JsonNode.Parse(Encoding.UTF8.GetString(request.Body))!;
        return request.Headers["x-amz-target"] switch
        {
            "AWSStepFunctions.StartExecution" => Start((string)input["stateMachineArn"]!, (string)input["input"]!),
            "AWSStepFunctions.DescribeExecution" when Unknown-- > 0 =>
                (400, """{"__type":"ExecutionDoesNotExist","message":"Execution Does Not Exist"}"""),
            "AWSStepFunctions.DescribeExecution" => (200, Describe((string)input["executionArn"]!).ToJsonString()),
            var other => (400, new JsonObject { ["__type"] = "UnknownOperationException", ["message"] = other }.ToJsonString()),
        };
    }

    private (int, string) Start(string stateMachine, string input)
    {
        Started.Add(input);
        _looks = 0;
        return (200, new JsonObject
        {
            ["executionArn"] = $"{stateMachine.Replace("stateMachine", "execution", StringComparison.Ordinal)}:{Started.Count}",
            ["startDate"] = 1795370000.123,
        }.ToJsonString());
    }

    private JsonObject Describe(string execution)
    {
        var answer = (JsonObject)(_looks++ == 0 ? new JsonObject { ["status"] = "RUNNING" } : End.DeepClone());
        answer["executionArn"] = execution;
        answer["stateMachineArn"] = StateMachine;
        answer["startDate"] = 1795370000.123;
        return answer;
    }
}
