using System.Globalization;
using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Operations;

namespace CdcDms.Functions.Tables;

/// <summary>Does for an operator, inside the VPC, what the command line does where it reaches the databases itself.</summary>
internal static class OperateFunction
{
    private const int MostAnswerBytes = 5 << 20;

    // Those who asked fetch at once.
    private static readonly TimeSpan FetchTime = TimeSpan.FromMinutes(5);

    public static Handler Handler => async (json, invocation, cancellationToken) =>
    {
        var request = FunctionInput.Parse(json, OperateJson.Default.OperateRequest, FunctionNames.Operate);
        // Of who asked for it, CloudTrail tells; of a value that was asked for, nothing.
        Console.WriteLine($"{FunctionNames.Operate}: {Asked(json)}");
        var report = await DatabaseWork.RunAsync(
            invocation,
            FunctionNames.Operate,
            "run what takes so long where the databases can be reached, or look for sessions that hold locks on the table",
            async connections =>
            {
                using var places = new FunctionPlaces(connections);
                return await request.AnswerAsync(places, cancellationToken);
            },
            cancellationToken);
        return JsonSerializer.SerializeToUtf8Bytes(
            await AnswerAsync(report, invocation, cancellationToken), ContractJson.Default.OperateAnswer);
    };

    // As JSON, so that no text of a caller becomes a line of its own.
    private static string Asked(ReadOnlyMemory<byte> json)
    {
        using var input = JsonDocument.Parse(json);
        var named = input.RootElement.EnumerateObject().Where(one => one.Name is "verb" or "table");
        return string.Join(' ', named.Select(one => one.Value.GetRawText()));
    }

    private static async Task<OperateAnswer> AnswerAsync(byte[] report, Invocation invocation, CancellationToken cancellationToken)
    {
        if (report.Length <= Limit)
        {
            using var document = JsonDocument.Parse(report);
            return new ReportHere(document.RootElement.Clone());
        }

        using var lake = Connections.Lake(Environment.GetEnvironmentVariable(FunctionEnvironment.Lake) ?? "");
        return new ReportStored(await StoreAsync(lake, report, invocation, cancellationToken));
    }

    private static int Limit => Environment.GetEnvironmentVariable(FunctionEnvironment.MostAnswerBytes) is { Length: > 0 } bytes
        ? int.Parse(bytes, CultureInfo.InvariantCulture)
        : MostAnswerBytes;

    private static async Task<Uri> StoreAsync(OpenLake lake, byte[] report, Invocation invocation, CancellationToken cancellationToken)
    {
        var (bucket, key) = (lake.Reader.Lake.Bucket, lake.Reader.Lake.AnswerKey(Guid.NewGuid()));
        try
        {
            using var body = new MemoryStream(report);
            await lake.S3.PutObjectAsync(
                new PutObjectRequest { BucketName = bucket, Key = key, InputStream = body, ContentType = "application/json" },
                cancellationToken);
        }
        catch (AmazonS3Exception fault)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"The report has {report.Length} bytes, more than Lambda passes on, and s3://{bucket}/{key} cannot be written: "
                + $"{fault.Message.TrimEnd('.')}; let the function's role write there.",
                fault);
        }

        return new Uri(await lake.S3.GetPreSignedURLAsync(new GetPreSignedUrlRequest
        {
            BucketName = bucket,
            Key = key,
            Verb = HttpVerb.GET,
            Expires = invocation.Clock.GetUtcNow().UtcDateTime + FetchTime,
            Protocol = lake.S3.Config.ServiceURL?.StartsWith("http:", StringComparison.Ordinal) == true ? Protocol.HTTP : Protocol.HTTPS,
        }));
    }
}
