using CdcDms.Contract;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions;

/// <summary>How a failure looks to the caller of a function.</summary>
internal static class Failure
{
    /// <summary>
    /// A failure told in one sentence goes out under its kind, which retry rules match; anything else is a fault of ours and
    /// goes out under its exception's name, with the stack trace that finding it needs.
    /// </summary>
    public static FunctionError Describe(Exception fault) => fault is CdcDmsException told
        ? new FunctionError { Type = told.Kind.ToString(), Message = told.Message }
        : new FunctionError
        {
            Type = fault.GetType().Name,
            Message = fault.Message,
            StackTrace = fault.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        };
}
