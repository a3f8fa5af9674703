using System.Text.Json.Nodes;
using CdcDms.Local.LambdaHost;
using CdcDms.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>The DMS API on loopback, as far as reloads ask it: one serverless replication that captures tables.</summary>
internal sealed class DmsOfTables : IAsyncDisposable
{
    private readonly WebApplication _web = LoopbackWeb.Create();

    private DmsOfTables() => _web.MapPost("/", (Delegate)AnswerAsync);

    public Uri Url => new(_web.Urls.First());

    /// <summary>DMS's word for the replication's state.</summary>
    public string Status { get; set; } = "running";

    public RecordedTables Recorded { get; } = new();

    /// <summary>Calls that are refused because there were too many, before any is answered.</summary>
    public int Throttled { get; set; }

    public static async Task<DmsOfTables> StartAsync()
    {
        var dms = new DmsOfTables();
        await dms._web.StartAsync();
        return dms;
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private async Task<IResult> AnswerAsync(HttpContext http)
    {
        var operation = http.Request.Headers["X-Amz-Target"].ToString().Split('.')[1];
        var input = JsonNode.Parse((await LoopbackWeb.BodyAsync(http)).Span)!;
        if (Throttled-- > 0)
            return Results.Json(new { __type = "ThrottlingException", message = "Rate exceeded" }, statusCode: 400);
        var body = operation == "DescribeReplications" ? Replications() : Recorded.Answer(operation, input)!;
        return Results.Text(body, "application/x-amz-json-1.1");
    }

    private string Replications() => new JsonObject
    {
        ["Replications"] = new JsonArray(new JsonObject
        {
            ["ReplicationConfigIdentifier"] = "cdcdms-dev-g1",
            ["ReplicationConfigArn"] = "arn:aws:dms:eu-central-1:123456789012:replication-config:cdcdms-dev-g1",
            ["ReplicationType"] = "full-load-and-cdc",
            ["Status"] = Status,
            ["ReplicationCreateTime"] = 1795370000.123,
        }),
    }.ToJsonString();
}
