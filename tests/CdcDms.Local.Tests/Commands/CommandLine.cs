using System.Diagnostics;
using System.Globalization;
using CdcDms.Contract.Lake;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>Runs the real command line, in a process of its own where it is started.</summary>
internal sealed class CommandLine : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    /// <summary>The process's id, for signals.</summary>
    public int Id => _process.Id;

    private CommandLine(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts a verb; credentials of the S3 server are in its environment.</summary>
    public static CommandLine Start(TestServers servers, params string[] arguments) => Start(servers, region: null, arguments);

    /// <summary>Starts a verb in a region of AWS.</summary>
    public static CommandLine Start(TestServers servers, string? region, string[] arguments) =>
        Start(servers, new Dictionary<string, string?> { ["AWS_REGION"] = region }, arguments);

    /// <summary>Starts a verb with some variables in its environment, beside the credentials.</summary>
    public static CommandLine Start(TestServers servers, IReadOnlyDictionary<string, string?> variables, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "CdcDms.Local.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["AWS_ACCESS_KEY_ID"] = servers.S3Server.AccessKeyId;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = servers.S3Server.SecretAccessKey;
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        return new CommandLine(Process.Start(start)!);
    }

    /// <summary>Runs a verb to its end, in this process; credentials of the S3 server are in its environment.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(TestServers servers, params string[] arguments)
    {
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", servers.S3Server.AccessKeyId);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", servers.S3Server.SecretAccessKey);
        Environment.SetEnvironmentVariable("AWS_REGION", null);
        return VerbConsole.RunAsync(arguments);
    }

    /// <summary>Waits for the end.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> EndAsync()
    {
        await _process.WaitForExitAsync();
        return (_process.ExitCode, await _output, await _errors);
    }

    /// <summary>Waits for the end, and gives the most memory that the process ever had, in kilobytes (<c>VmHWM</c>).</summary>
    public async Task<(int ExitCode, string Errors, long PeakKilobytes)> MeasureAsync()
    {
        long peak = 0;
        while (!_process.HasExited)
        {
            try
            {
                var line = File.ReadLines($"/proc/{_process.Id}/status").FirstOrDefault(
                    line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
                peak = line is null ? peak : long.Parse(
                    line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // It has ended just now.
            }

            await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(50));
        }

        return (_process.ExitCode, await _errors, peak);
    }

    /// <summary>
    /// Waits until something is true, then kills the process as <c>kill -9</c> does: it gets no chance to do anything more.
    /// </summary>
    public async Task KillWhenAsync(Func<Task<bool>> condition)
    {
        await WaitUntilAsync(async () => _process.HasExited || await condition());
        Assert.False(_process.HasExited, _process.HasExited ? $"It ended before it could be killed: {await _output}{await _errors}" : "");
        await KillAsync();
    }

    /// <summary>Kills the process as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Waits until something is true, a minute at most.</summary>
    public static async Task WaitUntilAsync(Func<Task<bool>> condition)
    {
        var deadline = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(deadline.Elapsed < TimeSpan.FromMinutes(1), "The awaited condition did not come about within a minute.");
            await Task.Delay(20);
        }
    }

    /// <summary>The arguments that name a lake.</summary>
    public static string[] Lake(TestServers servers, LakeUri lake) =>
        ["--lake", lake.ToString(), "--s3-endpoint", servers.S3Server.Endpoint.ToString()];

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
