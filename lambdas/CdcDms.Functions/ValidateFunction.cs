using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions;

/// <summary>Compares one table at the source with its analytics table.</summary>
internal static class ValidateFunction
{
    public static Handler Handler => TableFunction.Create(
        FunctionNames.Validate, ContractJson.Default.ValidateInput, ContractJson.Default.ValidateOutput, input => input.Table, RunAsync);

    private static Task<ValidateOutput> RunAsync(ValidateInput input, CancellationToken cancellation) =>
        throw new NotSupportedException($"The engine that compares {input.Table.Source} at {Connections.Source} is not in this build.");
}
