using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using CdcDms.Testing;

namespace CdcDms.Benchmarks.Start;

/// <summary>The functions' bundle as <c>cdk synth</c> of the environment <c>dev</c> publishes it for this machine's processor.</summary>
/// <param name="Seconds">What the synthesis took.</param>
/// <param name="Folder">The bundle's folder.</param>
internal sealed record SynthesizedBundle(double Seconds, string Folder)
{
    /// <summary>Synthesizes once. The program that does it is built before time is taken; the functions are published in it.</summary>
    public static async Task<SynthesizedBundle> CreateAsync()
    {
        await RunAsync("dotnet", "build", Path.Combine("infra", "CdcDms.Infra.csproj"), "--verbosity", "quiet");
        var output = Path.Combine(Repository.Root, "tests", "CdcDms.Benchmarks", "obj", "synthesis");
        if (Directory.Exists(output))
            Directory.Delete(output, recursive: true);
        var processor = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        var elapsed = await Elapsed.OfAsync(() => RunAsync(
            "npx", "cdk", "synth", "--quiet", "--context", "env=dev", "--context", $"architecture={processor}", "--output", output));
        var program = Directory.EnumerateFiles(output, "CdcDms.Functions.dll", SearchOption.AllDirectories).First();
        return new SynthesizedBundle(elapsed.TotalSeconds, Path.GetDirectoryName(program)!);
    }

    /// <summary>The files' size together, in MiB.</summary>
    public double UnpackedMegabytes() =>
        new DirectoryInfo(Folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) / (double)(1 << 20);

    /// <summary>The size of the zip that is uploaded for all functions, in MiB.</summary>
    public double ZippedMegabytes()
    {
        using var zip = new MemoryStream();
        ZipFile.CreateFromDirectory(Folder, zip);
        return zip.Length / (double)(1 << 20);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"] = "1" },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed:\n{output}{await errors}");
    }
}
