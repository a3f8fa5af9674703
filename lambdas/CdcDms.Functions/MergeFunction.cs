using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Functions;

/// <summary>Merges one batch of one table's change files into the analytics database.</summary>
internal static class MergeFunction
{
    public static Handler Handler => TableFunction.Create(
        FunctionNames.Merge, ContractJson.Default.MergeInput, ContractJson.Default.MergeOutput, input => input.Table, RunAsync);

    private static async Task<MergeOutput> RunAsync(MergeInput input, CancellationToken cancellation)
    {
        var lake = LakeUri.Parse(input.Lake);
        using var s3 = LakeS3.Connect(Connections.S3Endpoint);
        return await new MergeJob(new LakeReader(s3, lake), Connections.Target).RunAsync(input.Table, input.BatchBytes, cancellation);
    }
}
