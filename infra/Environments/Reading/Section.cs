using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CdcDms.Infra.Environments.Reading;

/// <summary>
/// One JSON object of an environment file. A wrong property becomes a fault and reading goes on with a stand-in,
/// so that one run finds everything; the model is thrown away when there is any fault.
/// </summary>
internal sealed class Section(JsonElement? element, string path, Findings findings)
{
    private readonly HashSet<string> _asked = [];

    /// <summary>The section's own path.</summary>
    public string Path => path;

    /// <summary>What was found so far.</summary>
    public Findings Findings => findings;

    /// <summary>The path of a property.</summary>
    public string At(string name) => $"{path}.{name}";

    /// <summary>Whether the file has the property.</summary>
    public bool Has(string name) => Find(name, null) is not null;

    /// <summary>Whether the file has a property that is read elsewhere, where its default stands.</summary>
    public bool Sets(string name) => element is { } parent && parent.TryGetProperty(name, out _);

    /// <summary>A text that must be there.</summary>
    public string Text(string name, Pattern? pattern = null) =>
        OptionalText(name, pattern) ?? Missing(name, "");

    /// <summary>A text with a default.</summary>
    public string Text(string name, string fallback, Pattern? pattern = null) =>
        OptionalText(name, pattern, fallback) ?? fallback;

    /// <summary>A text that may be missing.</summary>
    public string? OptionalText(string name, Pattern? pattern = null, string? fallback = null)
    {
        if (pattern is not null)
            findings.Note(At(name), pattern);
        if (Find(name, fallback) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: > 0 } text)
            return Wrong<string>(name, "must be a text");
        return Checked(At(name), text, pattern);
    }

    /// <summary>A list of texts; it must be there when <paramref name="fewest"/> is above zero.</summary>
    public IReadOnlyList<string> Texts(string name, Pattern pattern, int fewest)
    {
        findings.Note($"{At(name)}[]", pattern);
        if (Find(name, fewest > 0 ? null : "[]") is not { } value)
            return fewest > 0 ? Missing<IReadOnlyList<string>>(name, []) : [];
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
            return Wrong<IReadOnlyList<string>>(name, "must be a list of texts") ?? [];
        var texts = value.EnumerateArray().Select(item => item.GetString()!).ToList();
        for (var index = 0; index < texts.Count; index++)
            Checked($"{At(name)}[{index}]", texts[index], pattern);
        if (texts.Count < fewest)
            findings.Add(At(name), $"must have at least {fewest} items");
        if (texts.Distinct().Count() < texts.Count)
            findings.Add(At(name), "has an item twice");
        return texts;
    }

    /// <summary>A whole number with a default.</summary>
    public int Whole(string name, int fallback, int min, int max) => OptionalWhole(name, min, max, fallback) ?? fallback;

    /// <summary>A whole number that must be there.</summary>
    public int Whole(string name, int min, int max) => OptionalWhole(name, min, max) ?? Missing(name, min);

    /// <summary>A whole number that may be missing.</summary>
    public int? OptionalWhole(string name, int min, int max, int? fallback = null)
    {
        if (Find(name, fallback?.ToString(CultureInfo.InvariantCulture)) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max)
            return number;
        findings.Add(At(name), $"must be a whole number from {min} to {max}");
        return null;
    }

    /// <summary>True or false, with a default.</summary>
    public bool Flag(string name, bool fallback)
    {
        if (Find(name, fallback ? "true" : "false") is not { } value)
            return fallback;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        findings.Add(At(name), "must be true or false");
        return fallback;
    }

    /// <summary>One of an enum's names, written with hyphens, with a default.</summary>
    public T Choice<T>(string name, T fallback)
        where T : struct, Enum
    {
        if (OptionalText(name, null, Choices.Name(fallback)) is not { } text)
            return fallback;
        if (Choices.TryParse<T>(text, out var value))
            return value;
        findings.Add(At(name), $"'{text}' is not one of {string.Join(", ", Choices.Names<T>())}");
        return fallback;
    }

    /// <summary>Texts by names that the file chooses, none when missing.</summary>
    /// <param name="name">The property.</param>
    /// <param name="names">What a name must look like.</param>
    public IReadOnlyDictionary<string, string> Map(string name, Pattern names)
    {
        if (Find(name, "{}") is not { } value)
            return new Dictionary<string, string>();
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(entry => entry.Value.ValueKind != JsonValueKind.String))
            return Wrong<IReadOnlyDictionary<string, string>>(name, "must be an object of texts") ?? new Dictionary<string, string>();
        foreach (var entry in value.EnumerateObject())
            Checked(At(name), entry.Name, names);
        return value.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!);
    }

    /// <summary>An object within this one; when missing it reads as empty, so that what it must have is reported.</summary>
    public Section Child(string name)
    {
        var value = Find(name, null);
        if (value is { ValueKind: not JsonValueKind.Object })
        {
            findings.Add(At(name), "must be an object");
            value = null;
        }

        return new Section(value, At(name), findings);
    }

    /// <summary>The items of a list of objects; it must have at least one.</summary>
    public IReadOnlyList<JsonElement> Items(string name)
    {
        if (Find(name, null) is not { } value)
            return Missing<IReadOnlyList<JsonElement>>(name, []);
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0)
            return [.. value.EnumerateArray()];
        findings.Add(At(name), "must be a list with at least one item");
        return [];
    }

    /// <summary>Ends the reading: what was not asked for is unknown.</summary>
    public void End()
    {
        foreach (var property in element?.EnumerateObject().ToList() ?? [])
            if (!_asked.Contains(property.Name))
                findings.Add(
                    At(property.Name),
                    $"is not a known property; {path} has {string.Join(", ", _asked.Order(StringComparer.Ordinal))}");
    }

    private JsonElement? Find(string name, string? fallback)
    {
        _asked.Add(name);
        findings.Note(At(name), fallback);
        return element is { } parent && parent.TryGetProperty(name, out var value) ? value : null;
    }

    private string? Checked(string at, string text, Pattern? pattern)
    {
        if (pattern is null || Regex.IsMatch(text, $"^(?:{pattern.Expression})$", RegexOptions.CultureInvariant))
            return text;
        findings.Add(at, $"'{text}' is not {pattern.What}");
        return null;
    }

    private T Missing<T>(string name, T standIn)
    {
        if (!findings.Faults.Any(fault => fault.Path == At(name) || fault.Path == path))
            findings.Add(At(name), "is missing");
        return standIn;
    }

    private T? Wrong<T>(string name, string message)
    {
        findings.Add(At(name), message);
        return default;
    }
}
