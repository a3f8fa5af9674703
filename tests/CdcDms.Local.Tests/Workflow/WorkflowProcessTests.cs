using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using CdcDms.Local.Services;
using CdcDms.Local.Workflow;

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

        await ReadToEndOfExecutionAsync(node);
        node.StandardInput.Close();
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task It_runs_one_execution_after_the_other_and_ends_with_its_stdin_also_within_one()
    {
        using var node = NodeProcess.Start("The test needs", "Workflow/run.mjs");
        await node.StandardInput.WriteLineAsync(Job);
        Assert.Equal(3, (await ReadToEndOfExecutionAsync(node)).Count);
        await node.StandardInput.WriteLineAsync(Job);
        Assert.Equal(3, (await ReadToEndOfExecutionAsync(node)).Count);

        await node.StandardInput.WriteLineAsync(Job.Replace("500", "60000", StringComparison.Ordinal));
        Assert.Contains("entered", await node.StandardOutput.ReadLineAsync(CancellationToken.None), StringComparison.Ordinal);
        node.StandardInput.Close();

        Assert.Equal("", await node.StandardOutput.ReadToEndAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_request_of_a_task_that_timed_out_is_told_as_unanswered_at_the_end()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var job =
            """
            {"machines":{"m":{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",
            "Parameters":{"FunctionName":"f","Payload":{}},"TimeoutSeconds":1,"Catch":[{"ErrorEquals":["States.ALL"],"Next":"P"}],
            "End":true},"P":{"Type":"Pass","End":true}}}},"start":"m","input":{},"lambda":
            """ + $"\"http://{silent.LocalEndpoint}\"}}";
        using var node = NodeProcess.Start("The test needs", "Workflow/run.mjs");
        await node.StandardInput.WriteLineAsync(job.ReplaceLineEndings(""));

        var lines = await ReadToEndOfExecutionAsync(node);
        node.StandardInput.Close();

        Assert.Equal(1, lines[^2]["unanswered"]!.GetValue<int>());
    }

    [Fact]
    public void An_interpreter_that_breaks_is_told_in_one_sentence_and_its_stack_only_with_verbose()
    {
        const string stack =
            """
            node:internal/modules/package_json_reader:314
              throw new ERR_MODULE_NOT_FOUND(packageName, fileURLToPath(base), null);
                    ^

            Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'aws-local-stepfunctions' imported from /x/run.mjs
                at Object.getPackageJSONURL (node:internal/modules/package_json_reader:314:9)

            Node.js v22.20.0
            """;

        var missing = WorkflowProcess.Broken(stack);
        var other = WorkflowProcess.Broken("/x/run.mjs:7\n\nTypeError: job is not iterable\n    at run (/x/run.mjs:7:1)\n");

        Assert.Equal(
            "The workflow's interpreter ended without a result: Cannot find package 'aws-local-stepfunctions' imported from /x/run.mjs; "
            + "run npm ci in the repository.", missing.Message);
        Assert.Equal(
            "The workflow's interpreter ended without a result: job is not iterable; --verbose shows all that it wrote.", other.Message);
        Assert.Contains("at Object.getPackageJSONURL", missing.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_has_one_name_in_events_and_reports()
    {
        const string job =
            """
            {"machines":{"m":{"StartAt":"T","States":{"T":{"Type":"Map","ItemsPath":"$.tables",
            "ItemSelector":{"table.$":"$$.Map.Item.Value"},
            "ItemProcessor":{"StartAt":"C","States":{"C":{"Type":"Task",
            "Resource":"arn:aws:states:::states:startExecution.sync:2",
            "Parameters":{"StateMachineArn":"c","Input":{"table.$":"$.table"}},"ResultSelector":{"report.$":"$.Output"},"End":true}}},
            "End":true}}},"c":{"StartAt":"P","States":{"P":{"Type":"Pass",
            "Parameters":{"table.$":"States.Format('{}.{}', $.table.schema, $.table.name)"},"End":true}}}},
            "start":"m","input":{"tables":[{"schema":"public","name":"We\"ird. x"}]},"lambda":"http://127.0.0.1:1","waitMilliseconds":0}
            """;
        using var node = NodeProcess.Start("The test needs", "Workflow/run.mjs");
        await node.StandardInput.WriteLineAsync(job.ReplaceLineEndings(""));

        var lines = await ReadToEndOfExecutionAsync(node);
        node.StandardInput.Close();

        const string name = "public.\"We\"\"ird. x\"";
        Assert.Contains(lines, line => line["entered"]?["table"]?.GetValue<string>() == name);
        Assert.Equal(name, lines[^1]["succeeded"]![0]!["report"]!["table"]!.GetValue<string>());
    }

    private static async Task<List<JsonNode>> ReadToEndOfExecutionAsync(Process node)
    {
        var lines = new List<JsonNode>();
        while (lines is not [.., JsonObject last] || !last.ContainsKey("succeeded"))
            lines.Add(JsonNode.Parse((await node.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!)!);
        return lines;
    }
}
