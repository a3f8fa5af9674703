using System.Diagnostics;
using System.Globalization;

namespace CdcDms.Local.Tests.Commands;

/// <summary>A verb as a process that goes on until a signal ends it, and is heard line by line.</summary>
internal sealed class RunningVerb : IDisposable
{
    private readonly Process _process;

    private RunningVerb(Process process) => _process = process;

    /// <summary>Where it prints results.</summary>
    public StreamReader Output => _process.StandardOutput;

    /// <summary>Where it prints everything else.</summary>
    public StreamReader Errors => _process.StandardError;

    /// <summary>Starts it.</summary>
    public static RunningVerb Start(params string[] arguments) => new(Process.Start(
        new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "CdcDms.Local.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

    /// <summary>Reads lines up to one that begins so.</summary>
    /// <returns>These, and it as the last.</returns>
    public static async Task<List<string>> ReadToAsync(StreamReader reader, string beginning)
    {
        var lines = new List<string>();
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            lines.Add(line);
            if (line.StartsWith(beginning, StringComparison.Ordinal))
                return lines;
        }

        throw new InvalidDataException($"It ended before it printed '{beginning}': {string.Join('\n', lines)}");
    }

    /// <summary>Ends it as Ctrl-C does.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> InterruptAsync()
    {
        using var kill = Process.Start("kill", ["-s", "INT", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await Task.WhenAll(
            _process.WaitForExitAsync(TestContext.Current.CancellationToken), _process.StandardOutput.ReadToEndAsync(),
            _process.StandardError.ReadToEndAsync());
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
