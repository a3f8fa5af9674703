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
        command.WantsEnvironment("end capture and start it again, and it goes on where it ended");
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

    /// <summary>Refuses a call of a verb of AWS that names no environment.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="here">What does the same on this machine.</param>
    public static void WantsEnvironment(this Command command, string here) => command.Validators.Add(result =>
    {
        if (result.GetResult(Reach.Environment.Name) is null)
            result.AddError($"{command.Name} works on an environment on AWS, which --env NAME says; on this machine, {here}.");
    });

    /// <summary>The environment of a verb that has no other way.</summary>
    public static Option<string> NewEnvironment() => new(Reach.Environment.Name)
    {
        Description = "The environment on AWS, which must be named; NAME.json stands in infra/Environments. It is called with your AWS "
            + "credentials.",
        HelpName = "NAME",
    };
}
