namespace CdcDms.Testing;

/// <summary>
/// Keeps the temporary files of tests and their servers in memory where that has room: most live for a second, and a disk's file system
/// takes longer to make and remove them than the tests take to use them.
/// </summary>
internal static class TemporaryFiles
{
    private const string Memory = "/dev/shm";

    // All tests of the solution hold 1.5 GiB at most; a container has 64 MiB unless it is told otherwise.
    private const long NeededBytes = 4L << 30;

    /// <summary>For this process and those that it starts, unless <c>TMPDIR</c> says where.</summary>
    public static void KeepInMemory()
    {
        if (Environment.GetEnvironmentVariable("TMPDIR") is null
            && Directory.Exists(Memory)
            && new DriveInfo(Memory).AvailableFreeSpace >= NeededBytes)
        {
            Environment.SetEnvironmentVariable("TMPDIR", Memory);
            // A function that is killed would leave its sockets for debuggers and tracers there for good.
            Environment.SetEnvironmentVariable("DOTNET_EnableDiagnostics", "0");
        }
    }
}
