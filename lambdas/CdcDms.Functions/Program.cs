using CdcDms.Contract.Functions;
using CdcDms.Functions;
using CdcDms.LambdaRuntime;

if (Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API") is not { Length: > 0 } runtimeApi)
{
    await Console.Error.WriteLineAsync("This program is a Lambda function: it needs the Runtime API's address in AWS_LAMBDA_RUNTIME_API.");
    return 2;
}

return await LambdaLoop.RunAsync(
    runtimeApi,
    () => Handlers.Find(Environment.GetEnvironmentVariable(FunctionEnvironment.Function)),
    Failure.Describe);
