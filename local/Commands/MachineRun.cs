using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Local.Remote;
using CdcDms.Local.Views;

namespace CdcDms.Local.Commands;

/// <summary>Starts a state machine of an environment, and follows its execution, which needs nobody who does.</summary>
internal static class MachineRun
{
    /// <summary>Starts it, waits for its end, and says that it ended well.</summary>
    /// <inheritdoc cref="RunAsync"/>
    /// <param name="done">A sentence for its good end.</param>
    /// <param name="json">Whether stdout gets one JSON object.</param>
    /// <returns>The exit code: 0 when it succeeded.</returns>
    public static async Task<int> FollowAsync(
        OperatedEnvironment environment, string machine, string input, string done, bool json, CancellationToken cancellationToken)
    {
        var (arn, _) = await RunAsync(environment, machine, input, cancellationToken);
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(new ExecutionReport(arn), LocalJson.Default.ExecutionReport));
        else
            Screen.Line(done);
        return 0;
    }

    /// <summary>Starts it, and waits for its end.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="machine">The state machine's name.</param>
    /// <param name="input">Its input, JSON.</param>
    /// <param name="cancellationToken">Ends the following; the execution goes on.</param>
    /// <returns>The execution, and its output's JSON.</returns>
    /// <exception cref="CdcDmsException">AWS refused a call, or the execution did not succeed.</exception>
    public static async Task<(string Arn, string Output)> RunAsync(
        OperatedEnvironment environment, string machine, string input, CancellationToken cancellationToken)
    {
        var execution = await new EnvironmentMachines(new AwsAccess(environment)).StartAsync(machine, input, cancellationToken);
        Screen.Note($"{execution.Arn} was started; it goes on by itself, also after Ctrl-C.");
        var ended = await new ExecutionView(machine).WatchAsync(execution.EndAsync(cancellationToken));
        return (execution.Arn, execution.Output(machine, ended));
    }
}
