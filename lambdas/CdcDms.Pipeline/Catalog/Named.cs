namespace CdcDms.Pipeline.Catalog;

/// <summary>Names in a sentence: a few of them, and how many there are besides.</summary>
public static class Named
{
    private const int Most = 5;

    /// <summary>At most five names, with commas between.</summary>
    public static string Of(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(Most)) + (names.Count > Most ? $" and {names.Count - Most} more" : "");
}
