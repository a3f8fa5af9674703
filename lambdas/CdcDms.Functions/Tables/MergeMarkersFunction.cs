using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Markers;

namespace CdcDms.Functions.Tables;

/// <summary>Merges markers from the lake into the ledger, and tells how old the newest is.</summary>
internal static class MergeMarkersFunction
{
    public static Handler Handler => async (json, invocation, cancellationToken) =>
    {
        var input = FunctionInput.Parse(json, ContractJson.Default.MergeMarkersInput, FunctionNames.MergeMarkers);
        var output = await DatabaseWork.RunAsync(
            invocation,
            FunctionNames.MergeMarkers,
            "what it has merged stays merged, and the next batch goes on with the markers that wait",
            connections => RunAsync(input, connections, cancellationToken),
            cancellationToken);
        Console.WriteLine(OutcomeLine.Of(output, invocation));
        return JsonSerializer.SerializeToUtf8Bytes(output, ContractJson.Default.MergeMarkersOutput);
    };

    private static async Task<MergeMarkersOutput> RunAsync(
        MergeMarkersInput input, Connections connections, CancellationToken cancellationToken)
    {
        using var lake = Connections.Lake(input.Lake);
        var job = new MarkerJob(lake.Reader, await connections.TargetAsync(cancellationToken)) { RetentionDays = input.RetentionDays };
        return await job.MergeAsync(cancellationToken);
    }
}
