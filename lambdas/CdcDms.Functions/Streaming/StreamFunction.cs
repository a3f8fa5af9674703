using System.Globalization;
using System.Text.Json;
using Amazon.S3;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Functions.Tables;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Transcoding;

namespace CdcDms.Functions.Streaming;

/// <summary>
/// Makes change files of what DMS has written into a Kinesis stream. It answers when all of them are in the lake; any failure makes Lambda
/// give it the same records again.
/// </summary>
internal static class StreamFunction
{
    private const string S3Scheme = "s3://";

    public static Handler Handler => async (input, invocation, cancellationToken) =>
    {
        var given = invocation.RemainingTime;
        try
        {
            var output = await RunAsync(KinesisEvent.Read(input), cancellationToken);
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

    private static async Task<StreamOutput> RunAsync(StreamBatch batch, CancellationToken cancellationToken)
    {
        using var lake = Connections.Lake(Variable(FunctionEnvironment.Lake));
        var tables = DefinedTables.Of(await TablesAsync(lake.S3, cancellationToken));
        return await new Transcoder(lake.S3, lake.Reader.Lake, Generation, tables).RunAsync(batch, cancellationToken);
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

    private static async Task<IReadOnlyList<TableDefinition>> TablesAsync(IAmazonS3 s3, CancellationToken cancellationToken)
    {
        var place = Variable(FunctionEnvironment.Tables);
        return ContractJson.ParseTables(
            place.StartsWith(S3Scheme, StringComparison.Ordinal)
                ? await TextAsync(s3, LakeUri.Parse(place), cancellationToken)
                : await FileTextAsync(place, cancellationToken),
            place);
    }

    private static async Task<string> TextAsync(IAmazonS3 s3, LakeUri place, CancellationToken cancellationToken)
    {
        var failure = $"The table definitions {place} cannot be read";
        using var response = await LakeFault.TellAsync(failure, () => s3.GetObjectAsync(place.Bucket, place.Prefix, cancellationToken));
        using var reader = new StreamReader(response.ResponseStream);
        return await LakeFault.TellAsync(failure, () => reader.ReadToEndAsync(cancellationToken));
    }

    private static async Task<string> FileTextAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The table definitions {path} cannot be read ({fault.Message.TrimEnd('.')}): set {FunctionEnvironment.Tables} to a file "
                + "or to s3://BUCKET/KEY.",
                fault);
        }
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
        ? text
        : throw new CdcDmsException(ErrorKind.BadDefinition, $"The function {FunctionNames.Stream} lacks its setting {name}: set it.");
}
