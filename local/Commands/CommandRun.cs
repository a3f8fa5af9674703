using System.CommandLine;
using CdcDms.Contract;

namespace CdcDms.Local.Commands;

/// <summary>Runs the command line: exit code 0, 1 (failed) or 2 (usage), and one sentence on stderr for what went wrong.</summary>
internal static class CommandRun
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
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync(error.Message);
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
            return Interrupted;
        }
        catch (Exception fault)
        {
            await Console.Error.WriteLineAsync(parsed.Tell(fault));
            return fault is CdcDmsException { Kind: ErrorKind.BadDefinition } ? Usage : Failed;
        }
    }

    /// <summary>A failure in one sentence, or as a whole with <c>--verbose</c>.</summary>
    public static string Tell(this ParseResult parsed, Exception fault) =>
        parsed.GetValue(CommonOptions.Verbose) ? fault.ToString()
        : fault is CdcDmsException ? fault.Message
        : $"{fault.Message} This is a defect of CdcDms; add --verbose for where it happened, and report it.";
}
