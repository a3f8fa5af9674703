using CdcDms.Contract.Functions;
using CdcDms.Functions;
using CdcDms.LambdaRuntime;

if (Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API") is not { Length: > 0 } runtimeApi)
{
    await Console.Error.WriteLineAsync(
        "This program is a Lambda function, which Lambda's Runtime API starts: set AWS_LAMBDA_RUNTIME_API to that API's HOST:PORT and "
        + $"{FunctionEnvironment.Function} to one of {string.Join(", ", FunctionNames.All)}. "
        + "To do the same work on this machine without Lambda, run: dotnet run --project local -- --help");
    return 2;
}

var function = Environment.GetEnvironmentVariable(FunctionEnvironment.Function);
await DebuggerWait.PassAsync(function);
return await LambdaLoop.RunAsync(
    runtimeApi,
    () => Handlers.Find(function),
    Failure.Describe);
