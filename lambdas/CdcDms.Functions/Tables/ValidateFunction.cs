using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Functions.Tables;

/// <summary>Compares one table at the source with its analytics table.</summary>
internal static class ValidateFunction
{
    public static Handler Handler => TableFunction.Create(
        FunctionNames.Validate,
        ContractJson.Default.ValidateInput,
        ContractJson.Default.ValidateOutput,
        input => input.Table,
        RunAsync,
        "give it more time, or compare the table by the command line's validate, which has all the time it needs",
        OutcomeLine.Of);

    private static async Task<ValidateOutput> RunAsync(ValidateInput input, Connections connections, CancellationToken cancellationToken)
    {
        var source = await connections.SourceAsync(cancellationToken);
        var target = await connections.TargetAsync(cancellationToken);
        // Keys and values of rows stay in the databases: what a function returns is kept in the history of the execution.
        var found = (await new Validator(source, target).CompareAsync(input.Table, withValues: false, cancellationToken)).Result;
        if (found.Identical)
            await new BackfillJob(target).EndAsync(input.Table.TargetName, cancellationToken);
        return found;
    }
}
