using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Preflight;
using CdcDms.Pipeline.Status;

namespace CdcDms.Pipeline.Operations;

/// <summary>
/// What an operator's requests work on: databases and lake as they are reached from where this program runs. Each is looked for when a
/// request needs it, so that one that is away stops no request but its own.
/// </summary>
/// <remarks>Every member throws <see cref="CdcDmsException"/> when what it gives is not known or cannot be reached.</remarks>
public interface IOperatedPlaces
{
    /// <summary>The lake.</summary>
    LakeUri Lake { get; }

    /// <summary>Seconds after which the task that reads the source closes a file at the latest.</summary>
    int FileSeconds { get; }

    /// <summary>Whether a comparison may go on with its next statement.</summary>
    Func<bool> MayGoOn { get; }

    /// <summary>The definitions by which the tables are merged.</summary>
    Task<TableList> TablesAsync(CancellationToken cancellationToken);

    /// <summary>Npgsql connection string of the analytics database.</summary>
    Task<string> TargetAsync(CancellationToken cancellationToken);

    /// <summary>Npgsql connection string of the source, whose role may write markers.</summary>
    Task<string> SourceAsync(CancellationToken cancellationToken);

    /// <summary>Npgsql connection string by which rows are read at the source; null when it is that of the source.</summary>
    Task<string?> ReaderAsync(CancellationToken cancellationToken);

    /// <summary>The look at source, lake and analytics.</summary>
    Task<LakeStatusJob> LakeStatusAsync(CancellationToken cancellationToken);

    /// <summary>The check of both databases.</summary>
    Task<PreflightJob> PreflightAsync(CancellationToken cancellationToken);
}
