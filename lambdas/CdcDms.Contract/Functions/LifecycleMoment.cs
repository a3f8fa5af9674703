using System.Text.Json.Serialization;

namespace CdcDms.Contract.Functions;

/// <summary>Which of the two custom resources around the replication a property set belongs to.</summary>
public enum LifecycleMoment
{
    /// <summary>Depends on nothing; the task, its endpoints and certificates depend on it. Refuses a reload, or stops the task.</summary>
    [JsonStringEnumMemberName("before")]
    Before,

    /// <summary>Depends on the task. Starts or resumes it; its deletion stops it.</summary>
    [JsonStringEnumMemberName("after")]
    After,
}
