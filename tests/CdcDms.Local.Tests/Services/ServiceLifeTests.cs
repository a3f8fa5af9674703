using System.Diagnostics;
using System.Globalization;
using System.Net.NetworkInformation;

namespace CdcDms.Local.Tests.Services;

/// <summary>A service lives exactly as long as its program, however that ends; nothing outlives it.</summary>
public sealed class ServiceLifeTests : IDisposable
{
    // Services put their files where TMPDIR says, so what is left behind is what is left here.
    private readonly DirectoryInfo _temporary = SharedFolder.Create();

    [Theory]
    [InlineData("KILL")]
    [InlineData("INT")]
    public async Task A_program_that_is_ended_by_a_signal_leaves_nothing(string signal)
    {
        using var program = StartProgram();
        var ports = await PortsAsync(program);

        await SendAsync(signal, program.Id);

        await Until(() => Leftovers(ports).Length == 0, () => string.Join('\n', Leftovers(ports)));
    }

    [Fact]
    public async Task A_program_that_is_killed_while_its_services_start_leaves_nothing()
    {
        using var program = StartProgram();
        await Until(
            () => ProcessesIn(_temporary).Count(process => process.Contains("host.mjs", StringComparison.Ordinal)) == 2,
            () => "not both services were started");

        program.Kill();

        await Until(() => Leftovers([]).Length == 0, () => string.Join('\n', Leftovers([])));
    }

    [Fact]
    public async Task A_supervisor_that_is_killed_takes_its_server_with_it()
    {
        using var program = StartProgram();
        var ports = await PortsAsync(program);

        foreach (var supervisor in ProcessesIn(_temporary).Where(process => process.Contains("host.mjs", StringComparison.Ordinal)))
            await SendAsync("KILL", int.Parse(supervisor.Split(' ')[0], CultureInfo.InvariantCulture));

        await Until(() => Leftovers(ports).Length == 0, () => string.Join('\n', Leftovers(ports)));
    }

    [Fact]
    public async Task Programs_that_start_at_once_do_not_meet_and_leave_nothing_when_they_dispose_their_services()
    {
        var programs = Enumerable.Range(0, 2).Select(_ => StartProgram()).ToArray();
        var ports = (await Task.WhenAll(programs.Select(PortsAsync))).SelectMany(p => p).ToArray();

        Assert.Equal(4, ports.Distinct().Count());
        foreach (var program in programs) program.StandardInput.Close();
        await Task.WhenAll(programs.Select(program => program.WaitForExitAsync(TestContext.Current.CancellationToken)));
        Assert.All(programs, program => Assert.Equal(0, program.ExitCode));
        Assert.Equal([], Leftovers(ports));
        foreach (var program in programs) program.Dispose();
    }

    [Fact]
    public async Task A_missing_node_is_told_in_one_sentence()
    {
        using var program = StartProgram(path: "/nowhere");

        var said = await program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            "The embedded services need Node.js 22 or newer, and no 'node' could be started: install it or put it on the PATH.\n", said);
        Assert.Equal([], Leftovers([]));
    }

    public void Dispose() => _temporary.Delete(recursive: true);

    private Process StartProgram(string? path = null)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } self && Path.GetFileName(self) == "dotnet" ? self : "dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "CdcDms.ServicesProgram.dll") },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["TMPDIR"] = _temporary.FullName },
        };
        if (path is not null)
        {
            // The host itself must still be found: by the folder of the runtime that runs us.
            start.FileName = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", "dotnet");
            start.Environment["PATH"] = path;
        }
        return Process.Start(start)!;
    }

    private static async Task<int[]> PortsAsync(Process program)
    {
        var line = await program.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        return [.. line!.Split(' ').Select(port => int.Parse(port, CultureInfo.InvariantCulture))];
    }

    private string[] Leftovers(int[] ports) =>
    [
        .. _temporary.EnumerateFileSystemInfos().Where(
            info => info.Name.StartsWith("cdcdms-", StringComparison.Ordinal)).Select(info => info.FullName),
        .. ProcessesIn(_temporary),
        .. from listener in IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners()
           where ports.Contains(listener.Port)
           select $"port {listener.Port}",
    ];

    /// <summary>Processes whose command line names the folder: supervisors and servers do.</summary>
    private static string[] ProcessesIn(DirectoryInfo folder)
    {
        using var ps = Process.Start(new ProcessStartInfo("ps", ["-axww", "-o", "pid=,command="]) { RedirectStandardOutput = true })!;
        var all = ps.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries);
        return [.. all.Where(process => process.Contains(folder.FullName, StringComparison.Ordinal))];
    }

    private static async Task SendAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", ["-s", signal, process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static async Task Until(Func<bool> condition, Func<string> complaint)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(90), complaint());
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
