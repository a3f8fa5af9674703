namespace CdcDms.Infra.Notices;

/// <summary>A severity as messages and names have it.</summary>
internal static class SeverityWord
{
    /// <summary><c>critical</c> or <c>warning</c>.</summary>
    public static string Word(this Severity severity) => severity.ToString().ToLowerInvariant();
}
