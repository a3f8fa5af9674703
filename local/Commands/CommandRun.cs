using System.CommandLine;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;
using CdcDms.Contract;
using CdcDms.Local.Views;

namespace CdcDms.Local.Commands;

/// <summary>Runs the command line: exit code 0, 1 (failed) or 2 (usage), and one sentence on stderr for what went wrong.</summary>
internal static partial class CommandRun
{
    public const int Failed = 1;
    public const int Usage = 2;
    private const int Interrupted = 130;

    // Time to flush the capture and stop the servers after Ctrl-C.
    private static readonly TimeSpan OrderlyEnd = TimeSpan.FromSeconds(30);

    public static async Task<int> InvokeAsync(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            var messages = parsed.Errors.Select(error => InWords(error.Message)).ToList();
            await FailAsync(parsed, string.Join('\n', messages));
            await Console.Error.WriteLineAsync("Add --help for what there is.");
            return Usage;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = OrderlyEnd });
        }
        catch (OperationCanceledException)
        {
            if (parsed.GetValue(CommonOptions.Json))
                await FailAsync(
                    parsed, $"{parsed.CommandResult.Command.Name} was ended before it was done; what was done until then stays.");
            return Interrupted;
        }
        catch (Exception fault)
        {
            await FailAsync(parsed, parsed.Tell(fault));
            return fault is CdcDmsException { Kind: ErrorKind.BadDefinition } ? Usage : Failed;
        }
    }

    // With --json a program reads stdout, which must be JSON also when the verb has nothing else to tell.
    private static async Task FailAsync(ParseResult parsed, string failure)
    {
        if (parsed.GetValue(CommonOptions.Json))
            Console.WriteLine(JsonSerializer.Serialize(new FailureReport(failure), LocalJson.Default.FailureReport));
        await Console.Error.WriteLineAsync(failure);
    }

    // System.CommandLine names the .NET type; ours are all whole numbers.
    private static string InWords(string message) => WrongNumber().Match(message) is { Success: true, Groups: var groups }
        ? $"{groups["option"]} is a whole number, and '{groups["text"]}' is "
            + $"{(BigInteger.TryParse(groups["text"].Value, CultureInfo.InvariantCulture, out _) ? "too large" : "none")}."
        : message;

    [GeneratedRegex("argument '(?<text>.*)' for option '(?<option>.*)' as expected type ", RegexOptions.Singleline)]
    private static partial Regex WrongNumber();

    /// <summary>A failure in one sentence, or as a whole with <c>--verbose</c>.</summary>
    public static string Tell(this ParseResult parsed, Exception fault) =>
        parsed.GetValue(CommonOptions.Verbose) ? fault.ToString()
        : fault is CdcDmsException told ? told.Kept
        : $"{fault.Message} This is a defect of CdcDms; add --verbose for where it happened, and report it.";
}
