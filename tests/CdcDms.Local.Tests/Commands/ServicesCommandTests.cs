using System.Diagnostics;
using System.Globalization;

namespace CdcDms.Local.Tests.Commands;

public sealed class ServicesCommandTests
{
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Services_say_that_they_start_print_where_both_databases_are_and_say_that_they_stopped(string signal)
    {
        using var services = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "CdcDms.Local.dll"), "services"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        List<string> lines = [];
        while (await services.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            lines.Add(line);
            if (line.StartsWith("# Ctrl-C", StringComparison.Ordinal))
                break;
        }

        using var kill = Process.Start("kill", ["-s", signal, services.Id.ToString(CultureInfo.InvariantCulture)]);
        var said = await services.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await services.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            "Starting PostgreSQL and S3: a few seconds.\n"
                + "Stopping: what runs is ended, and the services are stopped.\nStopped. The services and their files are gone.\n",
            said);
        Assert.Equal(0, services.ExitCode);
        Assert.All(lines, line => Assert.True(line.StartsWith("export ", StringComparison.Ordinal) || line[0] == '#', line));
        Assert.Matches("^export SOURCE_URL='postgresql://.*/shop' ANALYTICS_URL='postgresql://.*/analytics'$", lines[^4]);
        Assert.Matches("^# shop: +psql postgresql://.*/shop$", lines[^3]);
        Assert.Matches("^# analytics: +psql postgresql://.*/analytics$", lines[^2]);
    }
}
