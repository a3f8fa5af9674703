using CdcDms.Contract;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions;

/// <summary>How a failure looks to the caller of a function.</summary>
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
            Message = fault.Message.Cut(MostLetters),
            StackTrace =
            [
                .. fault.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .Take(MostLines).Select(line => line.Cut(MostLettersOfALine)),
            ],
        };
}
