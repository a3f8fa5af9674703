using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions;

/// <summary>Merges one batch of one table's change files into the analytics database.</summary>
internal static class MergeFunction
{
    public static Handler Handler => TableFunction.Create(
        FunctionNames.Merge, ContractJson.Default.MergeInput, ContractJson.Default.MergeOutput, input => input.Table, RunAsync);

    private static Task<MergeOutput> RunAsync(MergeInput input, CancellationToken cancellation) =>
        throw new NotSupportedException($"The engine that merges {input.Table.Source} into {Connections.Target} is not in this build.");
}
