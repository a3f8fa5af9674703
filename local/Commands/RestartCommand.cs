using System.CommandLine;
using CdcDms.Contract.Functions;
using CdcDms.Local.Remote;

namespace CdcDms.Local.Commands;

/// <summary><c>restart</c>: stops an environment's replication and resumes it where it stopped.</summary>
internal static class RestartCommand
{
    private static readonly Option<string> Environment = NewEnvironment();

    public static Command Create()
    {
        var command = new Command(
            "restart",
            "Stop the replication of an environment on AWS, and resume it where it stopped: then DMS sees what is new at the source, such "
            + "as a column. Not while the environment is deployed.")
        {
            Environment, CommonOptions.Json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var environment = OperatedEnvironment.Read(parsed.GetRequiredValue(Environment));
            return await MachineRun.FollowAsync(
                environment,
                WorkflowNames.RestartWorkflow(environment.Name),
                "{}",
                $"The replication of {environment.Name} runs again, from where it stopped.",
                parsed.GetValue(CommonOptions.Json),
                cancellationToken);
        });
        return command;
    }

    /// <summary>The environment of a verb that has no other way.</summary>
    public static Option<string> NewEnvironment() => new(Reach.Environment.Name)
    {
        Description = "The environment on AWS; NAME.json stands in infra/Environments. It is called with your AWS credentials.",
        Required = true,
        HelpName = "NAME",
    };
}
