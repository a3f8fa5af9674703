using System.Globalization;
using DuckDB.NET.Native;

namespace CdcDms.DuckDb;

/// <summary>Limits of one in-memory DuckDB.</summary>
public sealed record DuckDbOptions
{
    /// <summary>Folder for what does not fit into memory, in one that exists; it is ours alone.</summary>
    public required string SpillDirectory { get; init; }

    /// <summary>Memory that DuckDB may take before it spills. Default: 512 MiB.</summary>
    public int MemoryMegabytes { get; init; } = 512;

    /// <summary>Threads. Default: one per processor.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>An in-memory DuckDB database.</summary>
public sealed class DuckDbDatabase : IDisposable
{
    private readonly DuckDBDatabase _handle;

    private DuckDbDatabase(DuckDBDatabase handle) => _handle = handle;

    /// <summary>Opens an empty database.</summary>
    /// <exception cref="DuckDbException">An option is refused.</exception>
    public static DuckDbDatabase Open(DuckDbOptions options)
    {
        _ = NativeMethods.Configuration.DuckDBCreateConfig(out var config);
        using (config)
        {
            Set(config, "threads", options.Threads.ToString(CultureInfo.InvariantCulture));
            Set(config, "memory_limit", $"{options.MemoryMegabytes.ToString(CultureInfo.InvariantCulture)}MiB");
            Set(config, "temp_directory", options.SpillDirectory);
            // The order of rows is always asked for in SQL; keeping the files' order would cost memory for nothing.
            Set(config, "preserve_insertion_order", "false");
            // No file is read under the same name again once its work has ended, so what is kept of files would only take memory.
            Set(config, "enable_external_file_cache", "false");
            // Files are data from outside; nothing in them may make DuckDB fetch code.
            Set(config, "autoinstall_known_extensions", "false");
            return NativeMethods.Startup.DuckDBOpen(null, out var handle, config, out var error).IsSuccess()
                ? new DuckDbDatabase(handle)
                : throw new DuckDbException(DuckDBErrorType.Invalid, error);
        }
    }

    /// <summary>
    /// Opens a connection; it must be disposed before the database. Times with a zone are read and written as UTC, whatever the zone of the
    /// machine is.
    /// </summary>
    public DuckDbConnection Connect()
    {
        if (!NativeMethods.Startup.DuckDBConnect(_handle, out var handle).IsSuccess())
            throw new DuckDbException(DuckDBErrorType.Connection, "DuckDB gave no connection.");
        var connection = new DuckDbConnection(handle);
        connection.Execute("SET TimeZone = 'UTC'");
        return connection;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static void Set(DuckDBConfig config, string name, string option)
    {
        if (!NativeMethods.Configuration.DuckDBSetConfig(config, name, option).IsSuccess())
            throw new DuckDbException(DuckDBErrorType.Settings, $"DuckDB has no option {name} with the value {option}.");
    }
}
