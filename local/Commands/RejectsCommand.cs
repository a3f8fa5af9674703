using System.CommandLine;
using System.Text;
using System.Text.Json;
using Amazon.Runtime;
using CdcDms.Aws;
using CdcDms.Contract;
using CdcDms.Local.Remote;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Transcoding;
using Spectre.Console;

namespace CdcDms.Local.Commands;

/// <summary><c>rejects list</c>, <c>show</c> and <c>replay</c>: the messages of a stream that could not be understood.</summary>
internal static class RejectsCommand
{
    private const string PartitionKey = "cdcdms.rejects";

    private static readonly Option<string> Stream = new("--stream")
    {
        Description = "The name of the Kinesis stream, in the region AWS_REGION.",
        Required = true,
        HelpName = "NAME",
    };

    public static Command Create() => new(
        "rejects", "Look at messages of a stream that could not be understood, or put them into it again.")
    {
        List(), Show(), Replay(),
    };

    private static Command List()
    {
        var command = new Command("list", "Show the objects that keep such messages, with the reasons.")
        {
            CommonOptions.Lake, CommonOptions.S3Endpoint, CommonOptions.Json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var s3 = parsed.S3();
            var lake = parsed.LakeUri();
            var rejects = new RejectedObjects(s3, lake);
            var found = new List<RejectsSummary>();
            await foreach (var key in rejects.KeysAsync(cancellationToken))
                found.AddRange(Summaries(key, await rejects.ReadAsync(key, cancellationToken)));
            if (parsed.GetValue(CommonOptions.Json))
                Console.WriteLine(JsonSerializer.Serialize(new RejectsReport(found), LocalJson.Default.RejectsReport));
            else if (found.Count == 0)
                Screen.Line($"The lake {lake} keeps no message that could not be understood.");
            else
                Write(found);
            return 0;
        });
        return command;
    }

    private static Command Show()
    {
        var key = new Argument<string>("KEY") { Description = "The object, by the key that list shows." };
        var command = new Command("show", "Print the messages of an object as they came, values included: one line of text each.")
        {
            CommonOptions.Lake, CommonOptions.S3Endpoint, key,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var s3 = parsed.S3();
            foreach (var record in await new RejectedObjects(s3, parsed.LakeUri()).ReadAsync(
                parsed.GetRequiredValue(key), cancellationToken))
                Console.WriteLine(Printable.Of(Encoding.UTF8.GetString(record.Data.Span)));
            return 0;
        });
        return command;
    }

    private static Command Replay()
    {
        var keys = new Argument<string[]>("KEY")
        {
            Description = "An object, by the key that list shows; may be several. Default: all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command(
            "replay",
            "Put messages into the stream again, whole as they were, and remove their objects. What still is not understood comes back.")
        {
            CommonOptions.Lake, CommonOptions.S3Endpoint, Stream, keys,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var s3 = parsed.S3();
            var rejects = new RejectedObjects(s3, parsed.LakeUri());
            var kinesis = Kinesis(parsed.GetRequiredValue(Stream));
            var (objects, messages) = (0, 0);
            var wanted = parsed.GetValue(keys) is { Length: > 0 } given
                ? given
                : await rejects.KeysAsync(cancellationToken).ToArrayAsync(cancellationToken);
            foreach (var key in wanted)
            {
                var records = await rejects.ReadAsync(key, cancellationToken);
                foreach (var record in records)
                    await PutAsync(kinesis, record, parsed.GetRequiredValue(Stream), cancellationToken);
                await rejects.RemoveAsync(key, cancellationToken);
                (objects, messages) = (objects + 1, messages + records.Count);
            }

            Console.WriteLine($"{Screen.Count(messages, "message")} of {Screen.Count(objects, "object")} put into the stream again.");
            return 0;
        });
        return command;
    }

    private static IEnumerable<RejectsSummary> Summaries(string key, IReadOnlyList<RejectedRecord> records) =>
        records.GroupBy(record => record.Reason).Select(alike => new RejectsSummary(key, alike.Key, alike.Count()));

    private static void Write(IReadOnlyList<RejectsSummary> found)
    {
        var table = Screen.Table("object", "messages");
        table.AddColumn("why");
        foreach (var one in found)
            table.AddRow(Screen.Cell(one.Key), Screen.Number(one.Messages), Screen.Cell(one.Reason));
        AnsiConsole.Write(table);
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
}
