using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CdcDms.Contract.Tables;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions.Tables;

/// <summary>A function that does something to one table: JSON in, JSON out, every failure with the table's name.</summary>
internal static class TableFunction
{
    /// <param name="name">The function's name, for its messages.</param>
    /// <param name="inputType">The input's JSON form.</param>
    /// <param name="outputType">The output's JSON form.</param>
    /// <param name="tableOf">The table that an input names.</param>
    /// <param name="runAsync">Does the work; cancelled a little before the deadline.</param>
    /// <param name="advice">What to do when the work takes longer than the function has.</param>
    /// <param name="outcomeLine">The line that goes into the log when the work is done. Default: none.</param>
    public static Handler Create<TInput, TOutput>(
        string name,
        JsonTypeInfo<TInput> inputType,
        JsonTypeInfo<TOutput> outputType,
        Func<TInput, TableDefinition> tableOf,
        Func<TInput, Connections, CancellationToken, Task<TOutput>> runAsync,
        string advice = "give it more time",
        Func<TOutput, Invocation, string>? outcomeLine = null) => async (json, invocation, cancellationToken) =>
    {
        var input = FunctionInput.Parse(json, inputType, name);
        var table = tableOf(input);
        TableDefinitions.Check([table], $"The input of {name}");
        var output = await DatabaseWork.RunAsync(
            invocation,
            $"{name} of {table.Source}",
            advice,
            connections => runAsync(input, connections, cancellationToken),
            cancellationToken);
        if (outcomeLine is not null)
            Console.WriteLine(outcomeLine(output, invocation));
        return JsonSerializer.SerializeToUtf8Bytes(output, outputType);
    };
}
