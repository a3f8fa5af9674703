using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
using CdcDms.Contract;

namespace CdcDms.Infra.Batch;

/// <summary>What is tried again of a call.</summary>
internal enum TriedAgain
{
    /// <summary>What may be over in a moment.</summary>
    Transient,

    /// <summary>That, and what took all of the function's time, memory or storage: the next attempt takes half.</summary>
    Costly,
}

/// <summary>
/// Which failures of a function are tried again. Bad definitions, bad data and parked tables are not: somebody has to look at them.
/// </summary>
internal static class RetryRules
{
    // Errors of the service, not of the function (AWS: Handle transient Lambda service exceptions in Step Functions).
    private static readonly string[] Transient =
    [
        nameof(ErrorKind.Unavailable),
        nameof(ErrorKind.Conflict),
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.ClientExecutionTimeoutException",
    ];

    // Nothing is wrong with the call: other executions, or other functions of the account, have taken all there is.
    // A function that nobody called for weeks gets its way into the VPC back first (AWS: Lambda function states).
    private static readonly string[] Throttled =
    [
        "Lambda.TooManyRequestsException",
        "Lambda.ResourceNotReadyException",
        "Lambda.EC2ThrottledException",
        "Lambda.ENILimitReachedException",
    ];

    // Of the start of an execution, never of the execution, which is States.TaskFailed and would run once more (AWS: Step Functions service
    // quotas; StartExecution).
    private static readonly string[] NotStarted =
    [
        "StepFunctions.ExecutionLimitExceededException",
        "StepFunctions.ThrottlingException",
        "StepFunctions.AWSStepFunctionsException",
        "StepFunctions.SdkClientException",
    ];

    // A merge that did not fit halves the next one (docs/decisions/0021-batches-that-fit.md).
    private static readonly string[] Costly = [nameof(ErrorKind.OutOfTime), "Sandbox.Timedout", "Runtime.ExitError", "Lambda.Unknown"];

    /// <summary>Adds the rule to a state that starts an execution and waits for its end.</summary>
    public static void RetryingStart(this TaskStateBase start) => start.AddRetry(Patiently(NotStarted));

    // Of the start of a run: others run, or the account has no workers left (AWS: Glue StartJobRun). A run that failed is not repeated.
    private static readonly string[] NoWorkers =
    [
        "Glue.ConcurrentRunsExceededException",
        "Glue.ResourceNumberLimitExceededException",
        "Glue.InternalServiceException",
        "Glue.OperationTimeoutException",
        "Glue.SdkClientException",
    ];

    /// <summary>The rule for a state that runs a Glue job and waits for its end.</summary>
    public static RetryProps OfRuns => Patiently(NoWorkers);

    private const int PatientAttempts = 20;
    private static readonly Duration LongestDelay = Duration.Minutes(2);

    /// <summary>No call waits longer for its turn.</summary>
    public static Duration LongestPatience => Duration.Minutes(PatientAttempts * LongestDelay.ToMinutes());

    private static RetryProps Patiently(string[] errors) => new()
    {
        Errors = errors,
        MaxAttempts = PatientAttempts,
        Interval = Duration.Seconds(5),
        BackoffRate = 2,
        MaxDelay = LongestDelay,
        JitterStrategy = JitterType.FULL,
    };

    /// <summary>Adds the rules to a call.</summary>
    /// <param name="task">The call.</param>
    /// <param name="retries">Attempts after the first for what is transient.</param>
    /// <param name="again">What is tried again.</param>
    public static void Retrying(this TaskStateBase task, int retries, TriedAgain again)
    {
        task.AddRetry(Patiently(Throttled));
        task.AddRetry(new RetryProps
        {
            Errors = Transient,
            MaxAttempts = retries,
            Interval = Duration.Seconds(2),
            BackoffRate = 2,
            MaxDelay = Duration.Seconds(60),
            JitterStrategy = JitterType.FULL,
        });
        if (again == TriedAgain.Transient)
            return;
        task.AddRetry(new RetryProps
        {
            Errors = Costly,
            MaxAttempts = retries,
            Interval = Duration.Seconds(10),
            JitterStrategy = JitterType.FULL,
        });
    }
}
