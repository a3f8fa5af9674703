namespace CdcDms.Local.Demo;

/// <summary>The size of a demo.</summary>
internal sealed record DemoOptions
{
    /// <summary>About how many rows the shop has at the start.</summary>
    public required int Rows { get; init; }

    /// <summary>How long the writers write at least, while the snapshot is taken and merged. The rest comes after it.</summary>
    public required int Seconds { get; init; }

    /// <summary>Writers at the same time.</summary>
    public required int Writers { get; init; }

    /// <summary>How changes come into the lake.</summary>
    public required Route Route { get; init; }
}

/// <summary>How changes come into the lake; an environment file calls it <c>replication.route</c>.</summary>
internal enum Route
{
    /// <summary>DMS writes change files.</summary>
    Direct,

    /// <summary>DMS writes into a Kinesis stream, and a function makes change files of it.</summary>
    Kinesis,
}
