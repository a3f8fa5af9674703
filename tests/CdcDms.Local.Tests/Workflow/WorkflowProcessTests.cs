using System.Diagnostics;
using CdcDms.Local.Services;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>The process that interprets the workflow.</summary>
public sealed class WorkflowProcessTests
{
    private const string Job =
        """
        {"machines":{"m":{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"End":true}}}},
        """
        + """
        "start":"m","input":{},"lambda":"http://127.0.0.1:1","waitMilliseconds":500}
        """;

    [Fact]
    public async Task Ctrl_C_which_a_terminal_sends_to_all_processes_is_left_to_the_program()
    {
        using var node = NodeProcess.Start("The test needs", "Workflow/run.mjs");
        await node.StandardInput.WriteLineAsync(Job);
        Assert.Contains("entered", await node.StandardOutput.ReadLineAsync(CancellationToken.None), StringComparison.Ordinal);

        using var kill = Process.Start("kill", ["-INT", $"{node.Id}"]);
        await kill.WaitForExitAsync(CancellationToken.None);

        Assert.Contains("succeeded", await node.StandardOutput.ReadToEndAsync(CancellationToken.None), StringComparison.Ordinal);
    }
}
