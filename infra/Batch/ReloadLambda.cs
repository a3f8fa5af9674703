using Amazon.CDK;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>The function that asks DMS for the load of a table and looks how far it is.</summary>
internal sealed class ReloadLambda : DmsLambda
{
    /// <summary>Longest run: each call looks once.</summary>
    public static readonly Duration Timeout = Duration.Minutes(1);

    public ReloadLambda(Construct scope, string id, DmsLambdaProps props)
        : base(scope, id, props, FunctionNames.Reload, "Has DMS load a table again, and looks how far the load is", Timeout)
    {
        Function.Role.Allow(["*"], IsServerless ? "dms:DescribeReplications" : "dms:DescribeReplicationTasks");
        AllowOfTables(
            IsServerless
                ? ["dms:DescribeReplicationTableStatistics", "dms:ReloadReplicationTables"]
                : ["dms:DescribeTableStatistics", "dms:ReloadTables"]);
    }
}
