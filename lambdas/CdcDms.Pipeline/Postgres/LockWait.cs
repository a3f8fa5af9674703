namespace CdcDms.Pipeline.Postgres;

/// <summary>How long a statement waits for a table's lock.</summary>
internal static class LockWait
{
    /// <summary>
    /// For the rest of the transaction, a statement gives up when it has waited for a lock for half a minute: while it waits, all that come
    /// after it wait as well, readers too.
    /// </summary>
    public const string Shortly = "SELECT set_config('lock_timeout', '30s', true)";
}
