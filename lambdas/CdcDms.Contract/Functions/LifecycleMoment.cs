using System.Text.Json.Serialization;

namespace CdcDms.Contract.Functions;

/// <summary>Which of the two custom resources around the replication a property set belongs to.</summary>
public enum LifecycleMoment
{
    /// <summary>
    /// Depends on nothing; the task, the endpoints and the certificates depend on Before, which refuses a reload or stops the task.
    /// </summary>
    [JsonStringEnumMemberName("before")]
    Before,

    /// <summary>Depends on the task, and starts or resumes the task; deleting After stops the task.</summary>
    [JsonStringEnumMemberName("after")]
    After,
}
