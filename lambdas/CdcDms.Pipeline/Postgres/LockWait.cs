namespace CdcDms.Pipeline.Postgres;

/// <summary>How long a statement waits for a table's lock.</summary>
internal static class LockWait
{
    /// <summary>
    /// For the rest of the transaction, a statement gives up when it has waited for a lock for half a minute: while it waits, all that come
    /// after it wait as well, readers too.
    /// </summary>
    public const string Shortly = "SELECT set_config('lock_timeout', '30s', true)";

    /// <summary>
    /// Until <see cref="AsBefore"/>, a statement gives up when it has waited for a lock for two minutes, or as long as the role or the
    /// connection says, if that is shorter.
    /// </summary>
    public const string Patiently =
        """
        SELECT set_config('lock_timeout', CASE WHEN setting::integer BETWEEN 1 AND 120000 THEN setting ELSE '120000' END, true)
        FROM pg_settings WHERE name = 'lock_timeout'
        """;

    /// <summary>For the rest of the transaction, statements wait as the role or the connection says.</summary>
    public const string AsBefore = "SET LOCAL lock_timeout TO DEFAULT";
}
