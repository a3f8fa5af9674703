namespace CdcDms.Testing;

/// <summary>
/// The tests that try many places, or much data, have two lengths: a short one for every day, and with <c>CDCDMS_DRILLS=1</c> a long one
/// for the days before a release.
/// </summary>
public static class Drills
{
    /// <summary>Whether the long ones are wanted.</summary>
    public static bool AreLong { get; } = Environment.GetEnvironmentVariable("CDCDMS_DRILLS") == "1";

    /// <summary>How much a test tries: what its own variable says, else one of two lengths.</summary>
    /// <param name="variable">The test's own variable.</param>
    /// <param name="everyDay">The short length.</param>
    /// <param name="full">The long length.</param>
    public static int Length(string variable, int everyDay, int full) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out var told) ? told : AreLong ? full : everyDay;
}
