namespace CdcDms.Contract;

/// <summary>
/// A failure told in one sentence: what happened, to which table or file, and what to do next.
/// It is the only exception whose message is shown without a stack trace.
/// </summary>
public sealed class CdcDmsException(ErrorKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What the caller can act on.</summary>
    public ErrorKind Kind { get; } = kind;
}
