using Amazon.CDK;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Batch;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Health;

/// <summary>The function that asks DMS how the replication and its tables are.</summary>
internal sealed class ReplicationHealthLambda : DmsLambda
{
    /// <summary>Longest run: each page of tables is a call.</summary>
    public static readonly Duration Timeout = Duration.Minutes(2);

    public ReplicationHealthLambda(Construct scope, string id, DmsLambdaProps props)
        : base(scope, id, props, FunctionNames.ReplicationHealth, "Asks DMS how the replication and its tables are", Timeout)
    {
        // Versions take no resource either.
        Function.Role.Allow(
            ["*"],
            IsServerless
                ? ["dms:DescribeReplications"]
                : ["dms:DescribeReplicationTasks", "dms:DescribeReplicationInstances", "dms:DescribeEngineVersions"]);
        AllowOfTables(IsServerless ? "dms:DescribeReplicationTableStatistics" : "dms:DescribeTableStatistics");
    }
}
