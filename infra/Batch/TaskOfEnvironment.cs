using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Batch;

/// <summary>What an environment's task asks of the databases.</summary>
internal static class TaskOfEnvironment
{
    public static TaskDemands Demands(DeploymentEnvironment environment) => new()
    {
        LobKilobytes = environment.Replication.LobKilobytes,
        CaptureDdl = environment.Source.CaptureDdl,
        HeartbeatSchema = environment.Source.Heartbeat?.Schema,
        Slot = (environment.Replication.Start as ChangesFromSlot)?.Slot,
        EngineVersion = (environment.Replication.Compute as InstanceCompute)?.EngineVersion,
    };
}
