using System.Diagnostics;
using Amazon.CDK.AWS.Lambda;
using CdcDms.Contract;
using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Functions;

/// <summary>
/// The published folder that holds all functions. It is published once in a synthesis, into an empty folder, and its asset hash is
/// that of the published bytes: the same sources give the same asset, wherever and at whatever commit they are.
/// </summary>
/// <param name="Folder">The folder.</param>
/// <param name="Architecture">What its native code is made for.</param>
public sealed record FunctionBundle(string Folder, FunctionArchitecture Architecture)
{
    /// <summary>Publishes <c>lambdas/CdcDms.Functions</c> of the repository in the current folder.</summary>
    /// <exception cref="CdcDmsException">It does not build.</exception>
    public static FunctionBundle Publish(FunctionArchitecture architecture)
    {
        var runtime = architecture == FunctionArchitecture.Arm64 ? "linux-arm64" : "linux-x64";
        var folder = Path.GetFullPath(Path.Combine("infra", "obj", "functions", runtime));
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Run(
            "publish",
            Path.Combine("lambdas", "CdcDms.Functions"),
            "--configuration",
            "Release",
            "--runtime",
            runtime,
            "-p:DebugType=none",
            // The build has run them; they change no byte.
            "-p:RunAnalyzers=false",
            "--output",
            folder,
            "--verbosity",
            "quiet");
        return new FunctionBundle(folder, architecture);
    }

    /// <summary>Puts a file beside the program.</summary>
    public void Add(string name, string text) => File.WriteAllText(Path.Combine(Folder, name), text);

    /// <summary>
    /// A file beside the bundle, as a layer's content: what it holds changes the functions that have the layer, and no other.
    /// </summary>
    public Code Beside(string folder, string name, string text)
    {
        var beside = Path.Combine(Path.GetDirectoryName(Folder)!, folder);
        Directory.CreateDirectory(beside);
        File.WriteAllText(Path.Combine(beside, name), text);
        return Amazon.CDK.AWS.Lambda.Code.FromAsset(beside);
    }

    /// <summary>The bundle as a function's code. An asset belongs to one stack, so each stack asks for its own.</summary>
    public Code Code() => Amazon.CDK.AWS.Lambda.Code.FromAsset(Folder);

    private static void Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new CdcDmsException(ErrorKind.BadDefinition, $"lambdas/CdcDms.Functions does not build:\n{output}");
    }
}
