using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CdcDms.Contract;

namespace CdcDms.Functions;

/// <summary>Reads a function's input and says everything that is wrong with it at once.</summary>
internal static class FunctionInput
{
    /// <exception cref="CdcDmsException">
    /// The text is not JSON, a property is unknown or missing, or a value is of the wrong type.
    /// </exception>
    public static T Parse<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type, string function)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var faults = Faults(document.RootElement, type, "$").ToList();
            return faults.Count == 0
                ? document.Deserialize(type)!
                : throw Bad(string.Join("; ", faults), null);
        }
        catch (JsonException fault)
        {
            throw Bad(fault.Path is { } path ? $"{path} has a value that it cannot have" : $"it is not JSON: {fault.Message}", fault);
        }

        CdcDmsException Bad(string what, Exception? inner) =>
            new(ErrorKind.BadDefinition, $"The input of {function} is wrong: {what.TrimEnd('.')}.", inner);
    }

    // The serializer refuses the same, but only the first fault, and in terms of .NET types.
    private static IEnumerable<string> Faults(JsonElement value, JsonTypeInfo type, string path) => (value.ValueKind, type.Kind) switch
    {
        (JsonValueKind.Object, JsonTypeInfoKind.Object) when type.PolymorphismOptions is { } forms => FormFaults(value, type, forms, path),
        (JsonValueKind.Object, JsonTypeInfoKind.Object) => ObjectFaults(value, type, path),
        (JsonValueKind.Array, JsonTypeInfoKind.Enumerable) => value.EnumerateArray()
            .SelectMany((item, index) => Faults(item, type.Options.GetTypeInfo(type.ElementType!), $"{path}[{index}]")),
        (_, JsonTypeInfoKind.Object) => [$"{path} must be an object"],
        _ => [],
    };

    private static IEnumerable<string> FormFaults(JsonElement value, JsonTypeInfo type, JsonPolymorphismOptions forms, string path)
    {
        var name = forms.TypeDiscriminatorPropertyName;
        var given = value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
        var form = forms.DerivedTypes.FirstOrDefault(one => given is not null && given.Equals(one.TypeDiscriminator)).DerivedType;
        return form is not null
            ? ObjectFaults(value, type.Options.GetTypeInfo(form), path, name)
            : [$"{path}.{name} must be one of {string.Join(", ", forms.DerivedTypes.Select(one => one.TypeDiscriminator))}"];
    }

    private static IEnumerable<string> ObjectFaults(JsonElement value, JsonTypeInfo type, string path, string? discriminator = null)
    {
        foreach (var property in value.EnumerateObject().Where(property => property.Name != discriminator))
            if (type.Properties.FirstOrDefault(known => known.Name == property.Name) is not { Set: not null } known)
                yield return $"{path}.{property.Name} is unknown";
            else if (property.Value.ValueKind == JsonValueKind.Null)
            {
                if (!known.IsSetNullable)
                    yield return $"{path}.{property.Name} is null";
            }
            else
                foreach (var fault in Faults(property.Value, type.Options.GetTypeInfo(known.PropertyType), $"{path}.{property.Name}"))
                    yield return fault;
        foreach (var missing in type.Properties.Where(known => known.IsRequired && !value.TryGetProperty(known.Name, out _)))
            yield return $"{path}.{missing.Name} is missing";
    }
}
