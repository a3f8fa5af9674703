using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Markers;

namespace CdcDms.Functions.Tables;

/// <summary>Writes a marker at the source. The input is not read: it is that of a schedule.</summary>
internal static class WriteMarkerFunction
{
    public static Handler Handler => async (_, invocation, cancellationToken) =>
    {
        var number = await DatabaseWork.RunAsync(
            invocation,
            FunctionNames.WriteMarker,
            "look for a session that holds a lock on the table of markers at the source",
            async connections => await MarkerWriter.WriteOneAsync(
                await connections.SourceAsync(cancellationToken), FileInterval.Seconds, cancellationToken),
            cancellationToken);
        return JsonSerializer.SerializeToUtf8Bytes(new WriteMarkerOutput { Number = number }, ContractJson.Default.WriteMarkerOutput);
    };
}
