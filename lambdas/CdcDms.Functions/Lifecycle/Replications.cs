using CdcDms.Contract.Functions;

namespace CdcDms.Functions.Lifecycle;

/// <summary>Finds the kind of replication that an identifier is of.</summary>
internal static class Replications
{
    public static IReplication Replication(this DmsApi dms, ReplicationKind kind, string identifier) => kind == ReplicationKind.Task
        ? new TaskReplication(dms, identifier)
        : new ServerlessReplication(dms, identifier);
}
