using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CdcDms.Contract;

namespace CdcDms.Local.Workflow;

/// <summary>
/// Synthesizes an environment as a deploy would, offline and without an account, functions included; only their processor is
/// this machine's. The result is kept in the temporary folder as long as no source changes.
/// </summary>
internal static class Synthesis
{
    private static readonly string[] Sources =
    [
        "infra",
        "lambdas",
        "cdk.json",
        "package.json",
        "package-lock.json",
        "Directory.Build.props",
        "Directory.Build.targets",
        "Directory.Packages.props",
    ];

    private static readonly TimeSpan KeptUnused = TimeSpan.FromDays(1);

    /// <summary>The folder of an environment's templates and assets.</summary>
    /// <param name="environment">Name of a file in <c>infra/Environments</c>.</param>
    /// <param name="progress">Told when there is something to wait for.</param>
    /// <exception cref="CdcDmsException">It does not build, or there is no such environment.</exception>
    public static async Task<string> FolderAsync(string environment, IProgress<string> progress, CancellationToken cancellationToken)
    {
        var repository = RepositoryFolder.Find();
        EnvironmentFiles.Find(environment);
        var place = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"cdcdms-synthesis-{Environment.UserName}")).FullName;
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(repository)))[..8];
        var folder = Path.Combine(place, $"{environment}-{name}-{NewestSource(repository):x}");
        if (Directory.Exists(folder))
            return folder;

        // Publishing writes into the repository's own folders, so one program at a time does it.
        await using var turn = await TurnAsync(Path.Combine(place, $"{name}.lock"), progress, cancellationToken);
        if (Directory.Exists(folder))
            return folder;
        progress.Report("publishing the functions and synthesizing the workflow (once, until the code changes; a minute or two)");
        var unfinished = Directory.CreateDirectory($"{folder}.{Guid.NewGuid():N}").FullName;
        try
        {
            await SynthesizeAsync(repository, environment, unfinished, cancellationToken);
            Directory.Move(unfinished, folder);
        }
        catch
        {
            Directory.Delete(unfinished, recursive: true);
            throw;
        }

        var unused = Directory.EnumerateDirectories(place)
            .Where(old => Directory.GetCreationTimeUtc(old) < DateTime.UtcNow - KeptUnused);
        foreach (var old in unused)
            Directory.Delete(old, recursive: true);
        return folder;
    }

    private static async Task SynthesizeAsync(string repository, string environment, string folder, CancellationToken cancellationToken)
    {
        // What the CDK's own command line gives to the program.
        var cdk = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(repository, "cdk.json"), cancellationToken))!;
        var context = cdk["context"]!.AsObject();
        context["env"] = environment;
        context["architecture"] = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        var project = Path.Combine("infra", "CdcDms.Infra.csproj");
        var start = new ProcessStartInfo("dotnet", ["run", "--project", project, "--verbosity", "quiet"])
        {
            WorkingDirectory = repository,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["CDK_OUTDIR"] = folder;
        // A warning about the age of Node would be told as a part of every fault.
        start.Environment["JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"] = "1";
        start.Environment["JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION"] = "1";
        start.Environment["CDK_CONTEXT_JSON"] = context.ToJsonString();
        using var infra = Process.Start(start)!;
        await using var ended = cancellationToken.Register(() => infra.Kill(entireProcessTree: true));
        var output = infra.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = await infra.StandardError.ReadToEndAsync(CancellationToken.None);
        await infra.WaitForExitAsync(CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        if (infra.ExitCode != 0)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The environment {environment} cannot be synthesized: {(errors + await output).Trim()}");
    }

    private static long NewestSource(string repository) =>
        Sources.Select(source => Path.Combine(repository, source))
            .SelectMany(path => Directory.Exists(path) ? Files(path) : [path])
            .Max(file => File.GetLastWriteTimeUtc(file).Ticks);

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder).Concat(
            Directory.EnumerateDirectories(folder)
                .Where(inner => Path.GetFileName(inner) is not ("bin" or "obj"))
                .SelectMany(Files));

    private static async Task<FileStream> TurnAsync(string path, IProgress<string> progress, CancellationToken cancellationToken)
    {
        for (var waited = false; ; waited = true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                if (!waited)
                    progress.Report("waiting for another program that synthesizes the workflow");
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
            }
        }
    }
}
