namespace CdcDms.Infra.Notices;

/// <summary>How soon somebody must look.</summary>
public enum Severity
{
    /// <summary>In the morning.</summary>
    Warning,

    /// <summary>Now: changes are not arriving, or soon will not.</summary>
    Critical,
}
