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
}
