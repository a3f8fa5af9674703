namespace CdcDms.Testing;

/// <summary>
/// Tests that try many places have two lengths: a short one for every day, and with <c>CDCDMS_DRILLS=1</c> a long one for the days before a
/// release.
/// </summary>
public static class Drills
{
    /// <summary>Whether the long ones are wanted.</summary>
    public static bool AreLong { get; } = Environment.GetEnvironmentVariable("CDCDMS_DRILLS") == "1";
}
