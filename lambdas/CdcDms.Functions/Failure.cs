using System.Net.Sockets;
using CdcDms.Contract;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions;

/// <summary>How a failure looks to the caller of a function, and in its log. None of it holds a value of a row.</summary>
internal static class Failure
{
    // Step Functions cuts a cause of more than 32,768 letters (AWS: TaskFailedEventDetails), and what is cut is no JSON any more.
    private const int MostLetters = 4000;
    private const int MostLines = 50;
    private const int MostLettersOfALine = 200;

    /// <summary>
    /// A failure told in one sentence goes out under its kind, which retry rules match; anything else is a fault of ours and
    /// goes out under its exception's name, with the stack trace that finding it needs.
    /// </summary>
    public static FunctionError Describe(Exception fault) => fault is CdcDmsException told
        ? new FunctionError { Type = told.Kind.ToString(), Message = told.Message.Cut(MostLetters) }
        : new FunctionError
        {
            Type = fault.GetType().Name,
            Message = Words(fault).Cut(MostLetters),
            StackTrace = [.. Trace(fault).Take(MostLines).Select(line => line.Cut(MostLettersOfALine))],
        };

    private static string Words(Exception fault) => HoldsNoValue(fault)
        ? fault.Message
        : $"A defect of CdcDms: {fault.GetType().FullName}, whose own words are left out because they may hold values. Please report it "
            + "with its stack trace.";

    /// <summary>
    /// Whether an exception's words are of the network, of files, of time or of how the program was built. Those of others quote what they
    /// could not read, or the detail of what a database refused.
    /// </summary>
    private static bool HoldsNoValue(Exception fault) => fault
        is CdcDmsException or HttpRequestException or SocketException or IOException or TimeoutException or OperationCanceledException
        or OutOfMemoryException or TypeInitializationException or TypeLoadException or BadImageFormatException or MissingMemberException
        or UnauthorizedAccessException or Amazon.Runtime.AmazonServiceException;

    private static IEnumerable<string> Trace(Exception fault)
    {
        for (var (cause, depth) = ((Exception?)fault, 0); cause is not null; cause = cause.InnerException, depth++)
        {
            if (depth > 0)
                yield return HoldsNoValue(cause) ? $"{cause.GetType().FullName}: {cause.Message}" : cause.GetType().FullName!;
            foreach (var frame in (cause.StackTrace ?? "").Split('\n', StringSplitOptions.TrimEntries))
                if (frame.Length > 0)
                    yield return frame;
        }
    }
}
