using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.S3;
using CdcDms.Contract;
using CdcDms.Local.LambdaHost;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Spark;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.Workflow;

/// <summary>
/// What stands for the Spark job on this machine: a run of the job asks it by the job's own arguments, and DuckDB runs the same SQL over
/// the same plan.
/// </summary>
internal sealed class LocalSpark : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly Lazy<IAmazonS3> _s3;
    private readonly WorkflowPlaces _places;

    private LocalSpark(WebApplication web, WorkflowPlaces places) => (_web, _places, _s3) = (web, places, new(() => Connect(places)));

    /// <summary>Where it listens.</summary>
    public Uri Endpoint => new(_web.Urls.First());

    /// <summary>Starts listening.</summary>
    public static async Task<LocalSpark> StartAsync(WorkflowPlaces places, CancellationToken cancellationToken)
    {
        var web = LoopbackWeb.Create();
        var spark = new LocalSpark(web, places);
        web.MapPost("/", spark.ReduceAsync);
        await web.StartAsync(cancellationToken);
        return spark;
    }

    private async Task<IResult> ReduceAsync(HttpContext http, CancellationToken cancellationToken)
    {
        var arguments = JsonNode.Parse((await LoopbackWeb.BodyAsync(http)).Span)!;
        try
        {
            var job = new SparkStandIn(new LakeReader(_s3.Value, _places.Lake));
            var (read, left) = await job.RunAsync(arguments["--plan"]!.GetValue<string>(), cancellationToken);
            return Results.Text(new JsonObject { ["read"] = read, ["left"] = left }.ToJsonString(), "application/json");
        }
        catch (CdcDmsException fault)
        {
            return Results.Text(fault.Message, statusCode: StatusCodes.Status500InternalServerError);
        }
    }

    private static IAmazonS3 Connect(WorkflowPlaces places) => LakeClient.Connect(
        places.S3Endpoint, places.Credentials is var (id, secret) ? new BasicAWSCredentials(id, secret) : null);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync();
        await _web.DisposeAsync();
        if (_s3.IsValueCreated)
            _s3.Value.Dispose();
    }
}
