using CdcDms.Aws;
using CdcDms.Contract;

namespace CdcDms.Local.Remote;

/// <summary>The state machines of an environment on AWS, which an operator starts and follows.</summary>
/// <param name="access">The environment, and the operator's access to it.</param>
internal sealed class EnvironmentMachines(AwsAccess access)
{
    private const string Service = "states";

    /// <summary>Starts a state machine.</summary>
    /// <param name="machine">Its name.</param>
    /// <param name="input">Its input, JSON.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The execution.</returns>
    /// <exception cref="CdcDmsException">AWS refused the call or did not answer.</exception>
    public async Task<StartedMachine> StartAsync(string machine, string input, CancellationToken cancellationToken)
    {
        var executions = new Executions(new AwsApi(
            access.Environment.Url(Service, "AWS_ENDPOINT_URL_SFN"), Service, access.Environment.Region, access.Credentials()));
        var arn = access.Environment.Arn(Service, "stateMachine", machine);
        var execution = await access.CallAsync(
            $"the state machine {machine}", "states:StartExecution", () => executions.StartAsync(arn, input, cancellationToken));
        return new StartedMachine(access, executions, execution);
    }
}

/// <summary>An execution that was started.</summary>
/// <param name="access">The operator's access.</param>
/// <param name="executions">The service.</param>
/// <param name="arn">The execution.</param>
internal sealed class StartedMachine(AwsAccess access, Executions executions, string arn)
{
    private const int MostFailedLooks = 20;

    /// <summary>The execution's ARN.</summary>
    public string Arn => arn;

    /// <summary>The output of the execution, once it has ended.</summary>
    /// <param name="machine">The state machine's name.</param>
    /// <param name="ended">How the execution ended.</param>
    /// <exception cref="CdcDmsException">It did not succeed.</exception>
    public string Output(string machine, Execution ended) => ended.Status == "SUCCEEDED"
        ? ended.Output ?? "{}"
        : throw new CdcDmsException(
            ErrorKind.Unavailable,
            $"{machine} ended as {ended.Status}: {ended.Error ?? "it does not say why"}: {ended.Cause ?? arn}");

    /// <summary>Looks until the execution has ended.</summary>
    /// <exception cref="CdcDmsException">AWS refused the call or did not answer.</exception>
    public async Task<Execution> EndAsync(CancellationToken cancellationToken)
    {
        var (pace, failed) = (new LookingPace(), 0);
        while (true)
        {
            await pace.WaitAsync(cancellationToken);
            try
            {
                var found = await access.CallAsync(
                    $"the execution {arn}", "states:DescribeExecution", () => executions.FindAsync(arn, cancellationToken));
                if (found is { Status: not "RUNNING" })
                    return found;
                failed = 0;
            }
            catch (CdcDmsException fault) when (fault.InnerException is AwsException { MayPass: true } && ++failed < MostFailedLooks)
            {
                // The execution goes on by itself, so one answer that is lost says nothing.
            }
        }
    }
}
