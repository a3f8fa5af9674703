using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Functions.Health;
using CdcDms.Functions.Lifecycle;
using CdcDms.Functions.Sandbox;
using CdcDms.Functions.Streaming;
using CdcDms.Functions.Tables;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions;

/// <summary>The functions of this bundle by name.</summary>
internal static class Handlers
{
    /// <exception cref="CdcDmsException">No function has the name.</exception>
    public static Handler Find(string? name) => name switch
    {
        FunctionNames.Plan => PlanFunction.Handler,
        FunctionNames.Merge => MergeFunction.Handler,
        FunctionNames.Prove => ProveFunction.Handler,
        FunctionNames.WriteMarker => WriteMarkerFunction.Handler,
        FunctionNames.MergeMarkers => MergeMarkersFunction.Handler,
        FunctionNames.Stream => StreamFunction.Handler,
        FunctionNames.Reload => ReloadFunction.Handler,
        FunctionNames.Preflight => PreflightFunction.Handler,
        FunctionNames.ReplicationHealth => ReplicationHealthFunction.Handler,
        FunctionNames.Health => HealthFunction.Handler,
        FunctionNames.Operate => OperateFunction.Handler,
        FunctionNames.Lifecycle => LifecycleFunction.Handler,
        FunctionNames.Sandbox => SandboxFunction.Handler,
        FunctionNames.EmptyBucket => EmptyBucketFunction.Handler,
        _ => throw new CdcDmsException(
            ErrorKind.BadDefinition,
            $"{FunctionEnvironment.Function} is '{name}', which is no function: set it to {string.Join(", ", FunctionNames.All)}."),
    };
}
