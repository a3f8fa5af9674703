using Npgsql;

namespace CdcDms.Benchmarks.Others;

/// <summary>A way of bringing changes into a table without this pipeline.</summary>
internal interface IWayByHand
{
    /// <summary>The part of the work's rows that it brings, as one of so many; its time is multiplied by as many.</summary>
    int Share { get; }

    /// <summary>Brings the changes of some files, from the first statement to the acknowledged COMMIT.</summary>
    Task RunAsync(NpgsqlConnection connection, IReadOnlyList<string> paths);
}
