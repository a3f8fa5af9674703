using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CdcDms.Contract;

/// <summary>
/// Finds every place where a JSON value has not the form of a record. The serializer itself refuses the same, but stops at the first.
/// </summary>
internal static class JsonForm
{
    /// <summary>What is wrong with an object by itself: properties that must be there, or stand there twice.</summary>
    public static IEnumerable<JsonFault> OfWhole(JsonElement json, JsonTypeInfo form)
    {
        var names = json.EnumerateObject().Select(property => property.Name).ToList();
        foreach (var missing in form.Properties.Where(known => known.IsRequired && !names.Contains(known.Name)))
            yield return new JsonFault("", $"'{missing.Name}' is missing");
        foreach (var name in names.GroupBy(name => name).Where(same => same.Count() > 1).Select(same => same.Key))
            yield return new JsonFault($".{name}", "stands there more than once");
    }

    /// <summary>Every fault of one property of an object.</summary>
    public static IEnumerable<JsonFault> OfProperty(JsonProperty property, JsonTypeInfo form)
    {
        var path = $".{property.Name}";
        // Properties that JSON does not have ([JsonIgnore]) are in the list, without a way to get them.
        var all = form.Properties.Where(one => one.Get is not null).ToList();
        if (all.Find(one => one.Name == property.Name) is not { } known)
            return [new JsonFault(path, $"there is no such property; there are {string.Join(", ", all.Select(one => one.Name))}")];
        if (property.Value.ValueKind is JsonValueKind.Null)
            return known.IsSetNullable ? [] : [new JsonFault(path, "must not be null")];
        return OfValue(property.Value, Of(known.PropertyType, form)).Select(fault => fault.Below(path));
    }

    private static IEnumerable<JsonFault> OfValue(JsonElement value, JsonTypeInfo form) => (form.Kind, value.ValueKind) switch
    {
        (JsonTypeInfoKind.Object, JsonValueKind.Object) =>
            [.. OfWhole(value, form), .. value.EnumerateObject().SelectMany(property => OfProperty(property, form))],
        (JsonTypeInfoKind.Object, _) => [new JsonFault("", "must be an object")],
        (JsonTypeInfoKind.Enumerable, JsonValueKind.Array) => value.EnumerateArray().SelectMany((item, index) =>
            OfValue(item, Of(form.ElementType!, form)).Select(fault => fault.Below($"[{index}]"))),
        (JsonTypeInfoKind.Enumerable, _) => [new JsonFault("", "must be a list")],
        (_, JsonValueKind.Null) => [new JsonFault("", "must not be null")],
        _ => IsReadable(value, form) ? [] : [new JsonFault("", $"must be {Wanted(form.Type, form.Options)}")],
    };

    private static bool IsReadable(JsonElement value, JsonTypeInfo form)
    {
        try
        {
            value.Deserialize(form);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Wanted(Type type, JsonSerializerOptions options)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum
            ? $"one of {string.Join(", ", Enum.GetValues(type).Cast<object>().Select(value => Text(value, options)))}"
            : type == typeof(string) ? "a text"
            : type == typeof(bool) ? "true or false"
            : "a whole number";
    }

    private static string Text(object value, JsonSerializerOptions options) =>
        JsonSerializer.SerializeToElement(value, options.GetTypeInfo(value.GetType())).GetString()!;

    private static JsonTypeInfo Of(Type type, JsonTypeInfo form) => form.Options.GetTypeInfo(type);
}

/// <summary>One thing that is wrong in a JSON value.</summary>
/// <param name="Path">Where, from the value that was read: <c>.columns[0].to</c>; empty when it is the value as a whole.</param>
/// <param name="Message">What is wrong, as the rest of a sentence.</param>
public sealed record JsonFault(string Path, string Message)
{
    internal JsonFault Below(string path) => this with { Path = path + Path };
}
