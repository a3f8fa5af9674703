using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CdcDms.DuckDb;

/// <summary>
/// Finds DuckDB's shared library: beside the program when it was published with it, else in <c>node_modules</c> of the
/// nearest folder above, where the build has put it (npm <c>@duckdb/node-bindings-PLATFORM</c>).
/// </summary>
public static class DuckDbLibrary
{
    internal const string Name = "duckdb";

    /// <summary>The library's file name on this platform.</summary>
    public static string FileName => OperatingSystem.IsMacOS() ? "libduckdb.dylib" : "libduckdb.so";

    private static string Package =>
        $"@duckdb/node-bindings-{(OperatingSystem.IsMacOS() ? "darwin" : "linux")}-{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";

    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "A resolver has to stand before the first native call.")]
    internal static void Register() =>
        NativeLibrary.SetDllImportResolver(typeof(DuckDbLibrary).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search) =>
        name == Name ? NativeLibrary.Load(Find()) : 0;

    private static string Find()
    {
        var candidates = new List<string> { Path.Combine(AppContext.BaseDirectory, FileName) };
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            candidates.Add(Path.Combine(folder.FullName, "node_modules", Package, FileName));
        return candidates.Find(File.Exists)
            ?? throw new DllNotFoundException($"{FileName} is neither beside the program nor in node_modules/{Package} above it; run npm ci in the project's folder.");
    }
}
