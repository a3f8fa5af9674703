using System.Globalization;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Functions.Tables;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Transcoding;

namespace CdcDms.Functions.Streaming;

/// <summary>
/// Makes change files of what DMS has written into a Kinesis stream. It answers when all of them are in the lake; any failure makes Lambda
/// give it the same records again.
/// </summary>
internal static class StreamFunction
{
    public static Handler Handler => async (input, invocation, cancellationToken) =>
    {
        var given = invocation.RemainingTime;
        try
        {
            var (batch, stream) = KinesisEvent.Read(input);
            var output = await RunAsync(batch, stream, cancellationToken);
            Console.WriteLine(StreamLine.Of(output, invocation));
            return JsonSerializer.SerializeToUtf8Bytes(output, ContractJson.Default.StreamOutput);
        }
        catch (Exception fault) when (cancellationToken.IsCancellationRequested)
        {
            throw new CdcDmsException(
                ErrorKind.OutOfTime,
                $"The function {FunctionNames.Stream} did not end within its {given.TotalSeconds:F0} s: give it more time, or smaller "
                + "batches.",
                fault);
        }
    };

    private static async Task<StreamOutput> RunAsync(StreamBatch batch, string stream, CancellationToken cancellationToken)
    {
        using var lake = Connections.Lake(Variable(FunctionEnvironment.Lake));
        var tables = DefinedTables.Of((await DeployedTables.ReadAsync(cancellationToken)).All());
        var shards = new StreamShards(stream);
        return await new Transcoder(lake.S3, lake.Reader.Lake, Generation, tables, shards).RunAsync(batch, cancellationToken);
    }

    private static int Generation =>
        Variable(FunctionEnvironment.Generation) is var text
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var generation)
        && generation is > 0 and <= LakeLayout.MostGenerations
            ? generation
            : throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"{FunctionEnvironment.Generation} is '{text}': set it to the generation of the task that writes into the stream, "
                + $"1 to {LakeLayout.MostGenerations}.");

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
        ? text
        : throw new CdcDmsException(ErrorKind.BadDefinition, $"The function {FunctionNames.Stream} lacks its setting {name}: set it.");
}
