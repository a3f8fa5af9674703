namespace CdcDms.Infra.Environments;

/// <summary>The processor that functions run on.</summary>
public enum FunctionArchitecture
{
    /// <summary>Graviton, the cheaper one.</summary>
    Arm64,

    /// <summary>Intel and AMD.</summary>
    X64,
}

/// <summary>The hourly workflow that merges change files into the analytics database.</summary>
public sealed record BatchSettings
{
    /// <summary>When it starts. Default: <see cref="Defaults.Schedule"/>.</summary>
    public required Schedule Schedule { get; init; }

    /// <summary>Tables merged at a time. Default: <see cref="Defaults.ParallelTables"/>.</summary>
    public required int ParallelTables { get; init; }

    /// <summary>Memory of a function; an account's first limit is 3008. Default: <see cref="Defaults.MemoryMegabytes"/>.</summary>
    public required int MemoryMegabytes { get; init; }

    /// <summary>Disk of a function, for files and spilled sorts. Default: <see cref="Defaults.EphemeralStorageMegabytes"/>.</summary>
    public required int EphemeralStorageMegabytes { get; init; }

    /// <summary>Most Parquet that one merge takes. Default: <see cref="Defaults.BatchMegabytes"/>.</summary>
    public required int BatchMegabytes { get; init; }

    /// <summary>Longest run of a function. Default: <see cref="Defaults.TimeoutMinutes"/>.</summary>
    public required int TimeoutMinutes { get; init; }

    /// <summary>Attempts after the first. Default: <see cref="Defaults.Retries"/>.</summary>
    public required int Retries { get; init; }

    /// <summary>Default: <see cref="Defaults.Architecture"/>.</summary>
    public required FunctionArchitecture Architecture { get; init; }

    /// <summary>Concurrency set aside for the merge function. Default: none, since a new account has too little to set any aside.</summary>
    public int? ReservedConcurrency { get; init; }

    /// <summary>Spark, for tables of which much waits. Default: none, and functions merge alone.</summary>
    public GlueSettings? Glue { get; init; }
}
