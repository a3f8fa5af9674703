namespace CdcDms.Pipeline.Preflight;

/// <summary>Names in a sentence: a few of them, and how many there are besides.</summary>
internal static class Named
{
    private const int Most = 5;

    public static string Of(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(Most)) + (names.Count > Most ? $" and {names.Count - Most} more" : "");
}
