namespace CdcDms.Infra.Environments;

/// <summary>The way of the changes from DMS to the lake. Lake, ledger and merge are the same for each.</summary>
public abstract record ReplicationRoute
{
    /// <summary>What the environment file calls it.</summary>
    public abstract string Name { get; }
}

/// <summary>DMS writes change files into the lake itself.</summary>
public sealed record DirectRoute : ReplicationRoute
{
    /// <inheritdoc cref="ReplicationRoute.Name"/>
    public const string Word = "direct";

    /// <inheritdoc/>
    public override string Name => Word;
}

/// <summary>DMS writes messages into a Kinesis stream, which others may read as well; a function writes the change files.</summary>
public sealed record StreamRoute : ReplicationRoute
{
    /// <inheritdoc cref="ReplicationRoute.Name"/>
    public const string Word = "kinesis";

    /// <summary>
    /// How large values may be in all: a record has 1 MiB (docs/dms-contract.md#kinesis), and a byte of a value takes up to two letters.
    /// </summary>
    public const int MostLobKilobytes = 500;

    /// <summary>A batch waits for at most so long to fill (AWS: Lambda, MaximumBatchingWindowInSeconds).</summary>
    public const int MostIntervalSeconds = 300;

    /// <inheritdoc/>
    public override string Name => Word;

    /// <summary>Shards of 1 MB and 1,000 records a second each; null for a stream that grows by itself. Default: null.</summary>
    public required int? Shards { get; init; }

    /// <summary>
    /// How long the stream keeps what it was given, and so how long the function may fail before a change is lost.
    /// Default: <see cref="Defaults.StreamRetentionHours"/>.
    /// </summary>
    public required int RetentionHours { get; init; }
}
