namespace CdcDms.Contract;

/// <summary>Why something failed, as far as a caller can act on it. The name is the stable error type that retry rules match.</summary>
public enum ErrorKind
{
    /// <summary>A command line, a function input or a table definition is wrong; trying again cannot help.</summary>
    BadDefinition,

    /// <summary>Rows of the table cannot be proven, because of what the table is; it is merged all the same.</summary>
    Unprovable,

    /// <summary>A file, a row or a table is not what it must be; somebody has to look at it.</summary>
    BadData,

    /// <summary>The table is parked: nothing is merged into it until somebody has looked and resumed it.</summary>
    Parked,

    /// <summary>A server, a bucket or a connection setting does not let us work.</summary>
    Unavailable,

    /// <summary>Something changed under our hands (a file was replaced, a lock was lost); the same call may succeed again.</summary>
    Conflict,

    /// <summary>The time given to a call was not enough; nothing of it was applied by halves, and smaller or longer calls help.</summary>
    OutOfTime,
}
