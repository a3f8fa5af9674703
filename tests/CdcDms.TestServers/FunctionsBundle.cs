using System.Reflection;

namespace CdcDms.Testing;

/// <summary>The functions' executable as it is built, in its own folder as a bundle is.</summary>
public static class FunctionsBundle
{
    /// <summary>The folder of <c>CdcDms.Functions.dll</c>.</summary>
    public static string Folder { get; } = typeof(FunctionsBundle).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(entry => entry.Key == "FunctionsFolder").Value!;
}
