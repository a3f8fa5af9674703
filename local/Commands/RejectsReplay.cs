using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Amazon.Runtime;
using CdcDms.Aws;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Local.Remote;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Transcoding;

namespace CdcDms.Local.Commands;

/// <summary>
/// <c>rejects replay</c>: messages of a stream that could not be understood are put into it again. Only into that of their own generation:
/// a row of an older one would be above those that the newer one has loaded, and come back.
/// </summary>
internal static partial class RejectsReplay
{
    private const string PartitionKey = "cdcdms.rejects";

    private static readonly Option<string> Stream = new("--stream")
    {
        Description = "The name of the Kinesis stream, in the region AWS_REGION.",
        Required = true,
        HelpName = "NAME",
    };

    private static readonly Option<int?> OfStream = RejectsOptions.Generation(
        "The generation of the task that writes into the stream. Default: that in the stream's name.");

    public static Command Create()
    {
        var keys = RejectsOptions.Keys("An object, by the key that list shows; may be several. Default: all of the stream's generation.");
        var command = new Command(
            "replay",
            "Put messages into the stream again, whole as they were, and remove their objects. What still is not understood comes back.")
        {
            CommonOptions.Lake, CommonOptions.S3Endpoint, Stream, OfStream, keys,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var s3 = parsed.S3();
            var lake = parsed.LakeUri();
            var rejects = new RejectedObjects(s3, lake);
            var stream = parsed.GetRequiredValue(Stream);
            var generation = parsed.GetValue(OfStream) ?? GenerationOf(stream);
            RefuseOtherServer(parsed);
            var kinesis = Kinesis(stream);
            var wanted = parsed.GetValue(keys) is { Length: > 0 } given
                ? [.. given.Select(lake.RejectsKeyOf)]
                : await rejects.KeysAsync(generation, cancellationToken).ToArrayAsync(cancellationToken);
            foreach (var key in wanted)
                RefuseOther(lake, key, generation);
            var messages = 0;
            foreach (var key in wanted)
            {
                var records = await rejects.ReadAsync(key, cancellationToken);
                foreach (var record in records)
                    await PutAsync(kinesis, record, stream, cancellationToken);
                await rejects.RemoveAsync(key, cancellationToken);
                messages += records.Count;
            }

            var others = await rejects.KeysAsync(generation: null, cancellationToken)
                .CountAsync(key => lake.GenerationOfRejects(key) != generation, cancellationToken);
            Console.WriteLine(
                $"{Screen.Count(messages, "message")} of {Screen.Count(wanted.Length, "object")} put into the stream again."
                + (others == 0 ? "" : $" {Screen.Count(others, "object")} of other generations than {generation} left alone."));
            return 0;
        });
        return command;
    }

    private static int GenerationOf(string stream) => NamePattern().Match(stream) is { Success: true, Groups: [_, var digits] }
        ? int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture)
        : throw new CdcDmsException(
            ErrorKind.BadDefinition,
            $"The name of the stream {stream} does not tell of which generation it is: name that by --generation.");

    private static void RefuseOther(LakeUri lake, string key, int generation)
    {
        if (lake.GenerationOfRejects(key) is { } other && other != generation)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The messages of {key} are of generation {other}, and the stream is of {generation}"
                + (other < generation
                    ? ", whose rows are newer: nothing was put into it. Remove the object by rejects drop."
                    : $": nothing was put into it. Name the stream of generation {other}."));
    }

    // What is in a lake on this machine must not go to AWS by mistake.
    private static void RefuseOtherServer(ParseResult parsed)
    {
        if (parsed.GetValue(CommonOptions.S3Endpoint) is not null
            && string.IsNullOrEmpty(System.Environment.GetEnvironmentVariable(Aws.Kinesis.EndpointVariable)))
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The lake is on a server of your own, and the stream would be on AWS: set {Aws.Kinesis.EndpointVariable}, which `up` "
                + "prints.");
    }

    private static Kinesis Kinesis(string stream)
    {
        if (string.IsNullOrEmpty(System.Environment.GetEnvironmentVariable("AWS_REGION")))
            throw new CdcDmsException(ErrorKind.BadDefinition, $"The region of the stream {stream} is not known: set AWS_REGION.");
        try
        {
            return new(AwsApi.FromEnvironment(Aws.Kinesis.Service, Aws.Kinesis.EndpointVariable, OperatorCredentials.Find()), stream);
        }
        catch (AmazonClientException fault)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                "There are no AWS credentials: sign in, by aws sso login for example, and name the profile by AWS_PROFILE.",
                fault);
        }
    }

    private static async Task PutAsync(Kinesis kinesis, RejectedRecord record, string stream, CancellationToken cancellationToken)
    {
        try
        {
            await kinesis.PutAsync(PartitionKey, hashKey: null, record.Data, cancellationToken);
        }
        catch (AwsException fault)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"A message was not put into the stream {stream} ({fault.Message.TrimEnd('.')}), and its object was not removed: repeat "
                + "the command; what comes twice counts once.",
                fault);
        }
    }

    [GeneratedRegex("-stream-g([0-9]{1,3})(?:-|$)", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
