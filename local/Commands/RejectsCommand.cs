using System.CommandLine;
using System.Text;
using System.Text.Json;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Transcoding;
using Spectre.Console;

namespace CdcDms.Local.Commands;

/// <summary>
/// <c>rejects list</c>, <c>show</c>, <c>replay</c> and <c>drop</c>: the messages of a stream that could not be understood.
/// </summary>
internal static class RejectsCommand
{
    public static Command Create() => new(
        "rejects", "Look at messages of a stream that could not be understood, put them into it again, or give them up.")
    {
        List(), Show(), RejectsReplay.Create(), Drop(),
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
            await foreach (var key in rejects.KeysAsync(generation: null, cancellationToken))
                found.AddRange(Summaries(key, await rejects.ReadAsync(key, cancellationToken)));
            if (parsed.GetValue(CommonOptions.Json))
                Console.WriteLine(JsonSerializer.Serialize(new RejectsReport(found), LocalJson.Default.RejectsReport));
            else if (found.Count == 0)
                Screen.Line(
                    $"The lake {lake} keeps no message that could not be understood"
                    + (await new LakeReader(s3, lake).GenerationsAsync(cancellationToken).AnyAsync(cancellationToken) ? "."
                        : ", and no change file: look whether bucket and prefix are the lake's."));
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
                parsed.LakeUri().RejectsKeyOf(parsed.GetRequiredValue(key)), cancellationToken))
                Console.WriteLine(Printable.Of(Encoding.UTF8.GetString(record.Data.Span)));
            return 0;
        });
        return command;
    }

    private static Command Drop()
    {
        var keys = RejectsOptions.Keys("An object, by the key that list shows; may be several.");
        var generation = RejectsOptions.Generation("All objects of a generation.");
        var command = new Command("drop", "Give messages up: remove the objects that are named, or all of a generation.")
        {
            CommonOptions.Lake, CommonOptions.S3Endpoint, generation, keys,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(keys) is { Length: > 0 } == result.GetValue(generation) is not null)
                result.AddError("Name either the objects to remove, or a generation by --generation.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var s3 = parsed.S3();
            var rejects = new RejectedObjects(s3, parsed.LakeUri());
            var wanted = parsed.GetValue(generation) is { } ofAll
                ? await rejects.KeysAsync(ofAll, cancellationToken).ToArrayAsync(cancellationToken)
                : [.. parsed.GetRequiredValue(keys).Select(parsed.LakeUri().RejectsKeyOf)];
            foreach (var key in wanted)
                await rejects.RemoveAsync(key, cancellationToken);

            Console.WriteLine($"{Screen.Count(wanted.Length, "object")} removed.");
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
}
