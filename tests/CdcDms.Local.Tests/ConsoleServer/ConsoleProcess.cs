using System.Diagnostics;
using System.Globalization;

namespace CdcDms.Local.Tests.ConsoleServer;

/// <summary>The verb as a process, which serves until a signal ends it.</summary>
internal sealed class ConsoleProcess : IDisposable
{
    private readonly Process _process;

    private ConsoleProcess(Process process) => _process = process;

    /// <summary>What it says of itself first.</summary>
    public required string First { get; init; }

    /// <summary>The address that it printed.</summary>
    public required Uri Address { get; init; }

    /// <summary>Starts it, and waits until it has printed its address.</summary>
    public static async Task<ConsoleProcess> StartAsync(IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "CdcDms.Local.dll"), "console", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        var first = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        var address = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        return new ConsoleProcess(process) { First = first!, Address = new Uri(address!) };
    }

    /// <summary>Ends it as Ctrl-C does.</summary>
    public async Task<(int ExitCode, string Errors)> InterruptAsync()
    {
        using var kill = Process.Start("kill", ["-s", "INT", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (_process.ExitCode, await _process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
