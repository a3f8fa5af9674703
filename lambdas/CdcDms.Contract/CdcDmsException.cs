namespace CdcDms.Contract;

/// <summary>
/// A failure told in one sentence: what happened, to which table or file, and what to do next.
/// It is the only exception whose message is shown without a stack trace. The message holds no value of a row: it goes into logs and mail.
/// </summary>
public sealed class CdcDmsException(ErrorKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What the caller can act on.</summary>
    public ErrorKind Kind { get; } = kind;

    /// <summary>
    /// The same with the key that it is about, where there is one: for the terminal of one who may read the database, as comparisons tell
    /// keys there. No other value.
    /// </summary>
    public string Kept { get; init; } = message;
}
