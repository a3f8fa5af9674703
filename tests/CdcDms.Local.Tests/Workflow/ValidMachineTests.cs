using System.Diagnostics;
using System.Text.Json.Nodes;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>State machines are valid Amazon States Language, as the interpreter's own validator sees it.</summary>
public sealed class ValidMachineTests
{
    // Types of parameters in a path, and ARNs that are known after a deployment only, are not looked at.
    private const string Validate = """
        import { text } from 'node:stream/consumers';
        import { StateMachine } from 'aws-local-stepfunctions';
        for (const [name, definition] of Object.entries(JSON.parse(await text(process.stdin))))
          try {
            new StateMachine(definition, { validationOptions: { checkArn: false, checkPaths: false } });
          } catch (fault) {
            console.log(`${name}: ${fault.message}`);
          }
        """;

    [Theory]
    [InlineData("dev")]
    [InlineData(SharedWorkflow.Environment)]
    public async Task Every_state_machine_is_valid(string environment) =>
        Assert.Equal("", await FaultsAsync(await MachinesAsync(environment)));

    [Fact]
    public async Task A_state_machine_whose_first_state_is_not_there_is_found()
    {
        var machines = await MachinesAsync("dev");
        var (name, broken) = machines.First();
        broken!["StartAt"] = "Nowhere";

        Assert.StartsWith($"{name}: ", await FaultsAsync(machines), StringComparison.Ordinal);
    }

    private static async Task<JsonObject> MachinesAsync(string environment)
    {
        var dev = await SynthesizedMachine.FolderAsync();
        var workflow = new SynthesizedWorkflow(environment == "dev" ? dev : SharedWorkflow.Folder(dev), environment);
        return new JsonObject(workflow.Machines.Select(machine => KeyValuePair.Create(machine.Key, (JsonNode?)machine.Value.DeepClone())));
    }

    private static async Task<string> FaultsAsync(JsonObject machines)
    {
        using var node = Process.Start(new ProcessStartInfo("node", ["--input-type=module", "--eval", Validate])
        {
            WorkingDirectory = AppContext.BaseDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await node.StandardInput.WriteAsync(machines.ToJsonString());
        node.StandardInput.Close();
        var faults = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, node.ExitCode);
        return faults.Trim();
    }
}
