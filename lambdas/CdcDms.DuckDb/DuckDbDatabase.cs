using System.Globalization;

namespace CdcDms.DuckDb;

/// <summary>Limits of one in-memory DuckDB.</summary>
public sealed record DuckDbOptions
{
    /// <summary>Folder for what does not fit into memory; it must exist and is ours alone.</summary>
    public required string SpillDirectory { get; init; }

    /// <summary>Memory that DuckDB may take before it spills. Default: 512 MiB.</summary>
    public int MemoryMegabytes { get; init; } = 512;

    /// <summary>Threads. Default: one per processor.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>An in-memory DuckDB database.</summary>
public sealed class DuckDbDatabase : IDisposable
{
    private nint _handle;

    private DuckDbDatabase(nint handle) => _handle = handle;

    /// <summary>Opens an empty database.</summary>
    /// <exception cref="DuckDbException">An option is refused.</exception>
    public static DuckDbDatabase Open(DuckDbOptions options)
    {
        _ = NativeMethods.duckdb_create_config(out var config);
        try
        {
            Set(config, "threads", options.Threads.ToString(CultureInfo.InvariantCulture));
            Set(config, "memory_limit", $"{options.MemoryMegabytes.ToString(CultureInfo.InvariantCulture)}MiB");
            Set(config, "temp_directory", options.SpillDirectory);
            // The order of rows is always asked for in SQL; keeping the files' order would cost memory for nothing.
            Set(config, "preserve_insertion_order", "false");
            // Files are data from outside; nothing in them may make DuckDB fetch code.
            Set(config, "autoinstall_known_extensions", "false");
            if (NativeMethods.duckdb_open_ext(null, out var handle, config, out var error) == 0)
                return new DuckDbDatabase(handle);
            var fault = DuckDbException.From(error);
            NativeMethods.duckdb_free(error);
            throw fault;
        }
        finally
        {
            NativeMethods.duckdb_destroy_config(ref config);
        }
    }

    private static void Set(nint config, string name, string option)
    {
        if (NativeMethods.duckdb_set_config(config, name, option) != 0)
            throw new DuckDbException($"DuckDB has no option {name} with the value {option}.");
    }

    /// <summary>Opens a connection; it must be disposed before the database.</summary>
    public DuckDbConnection Connect()
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        return NativeMethods.duckdb_connect(_handle, out var connection) == 0
            ? new DuckDbConnection(connection)
            : throw new DuckDbException("DuckDB gave no connection.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle != 0)
            NativeMethods.duckdb_close(ref _handle);
    }
}
