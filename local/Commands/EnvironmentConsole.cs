using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Local.ConsoleServer;
using CdcDms.Local.Operations;
using CdcDms.Local.Remote;

namespace CdcDms.Local.Commands;

/// <summary>
/// What the console of an environment on AWS shows, by its functions and state machines, with the operator's credentials.
/// </summary>
internal static class EnvironmentConsole
{
    // Each look calls a function, and Step Functions for its executions.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(15);

    public static ConsolePlaces Of(OperatedEnvironment environment, bool operates)
    {
        var access = new AwsAccess(environment);
        return new ConsolePlaces
        {
            Operations = new EnvironmentOperations(access),
            Health = async cancellationToken => JsonSerializer.Deserialize(
                await RunAsync(access, WorkflowNames.HealthWorkflow(environment.Name), "{}", cancellationToken),
                ContractJson.OfOtherVersion.HealthReport)!,
            HasDefinitions = true,
            MayOperate = operates,
            Waits = () => new ScheduledMerges(environment.Name),
            ReloadAsync = (table, cancellationToken) => RunAsync(
                access, WorkflowNames.ReloadWorkflow(environment.Name), ReloadCommand.Input([table]), cancellationToken),
            Workflow = new EnvironmentWorkflow(access, BetweenLooks, TimeProvider.System),
            TimeBetweenLooks = BetweenLooks,
            // A function that was not called of late starts first.
            LongestLook = TimeSpan.FromMinutes(1),
        };
    }

    private static async Task<string> RunAsync(AwsAccess access, string machine, string input, CancellationToken cancellationToken)
    {
        var execution = await new EnvironmentMachines(access).StartAsync(machine, input, cancellationToken);
        return execution.Output(machine, await execution.EndAsync(cancellationToken));
    }
}
