namespace CdcDms.Infra.Databases;

/// <summary>The part that a database plays.</summary>
public enum DatabaseRole
{
    /// <summary>Its changes are captured.</summary>
    Source,

    /// <summary>Changes are merged into it.</summary>
    Analytics,
}
