namespace CdcDms.Pipeline.Health;

/// <summary>Until when the PostgreSQL community corrects a major version (postgresql.org: Versioning Policy).</summary>
internal static class EndOfLife
{
    private static readonly Dictionary<int, DateTime> Ends = new()
    {
        [13] = Day(2025, 11, 13),
        [14] = Day(2026, 11, 12),
        [15] = Day(2027, 11, 11),
        [16] = Day(2028, 11, 9),
        [17] = Day(2029, 11, 8),
        [18] = Day(2030, 11, 14),
    };

    /// <summary>The day of the last release, UTC; null of a version that this program does not know.</summary>
    public static DateTime? Of(Version version) => Ends.TryGetValue(version.Major, out var end) ? end : null;

    private static DateTime Day(int year, int month, int day) => new(year, month, day, 0, 0, 0, DateTimeKind.Utc);
}
