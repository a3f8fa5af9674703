using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace CdcDms.Testing;

/// <summary>
/// Defaults that reading JSON loses: a generated reader sets every init-only property, to 0 or null where the JSON lacks it, whatever its
/// initializer says. A property with a default has a setter.
/// </summary>
public static class LostDefaults
{
    /// <summary>The properties, as <c>Type.property</c>.</summary>
    /// <param name="assemblies">Where generated readers and their types are.</param>
    public static IEnumerable<string> Of(params Assembly[] assemblies)
    {
        var types = assemblies.SelectMany(assembly => assembly.GetTypes()).ToList();
        var contexts = types.Where(type => type.IsSubclassOf(typeof(JsonSerializerContext)))
            .Select(type => (JsonSerializerContext)type.GetProperty("Default", BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!);
        var made = types.Where(type => type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
            && type.GetConstructor(BindingFlags.Instance | BindingFlags.Public, []) is not null).ToList();
        return contexts.SelectMany(context => made.Select(context.GetTypeInfo)).OfType<JsonTypeInfo>()
            .Where(record => record.Kind is JsonTypeInfoKind.Object)
            .SelectMany(record => record.Properties
                .Where(property => property is { IsRequired: false, AssociatedParameter.IsMemberInitializer: true, Get: not null })
                .Where(property => property.Get!(Activator.CreateInstance(record.Type)!) is { } value
                    && !value.Equals(property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null))
                .Select(property => $"{record.Type.Name}.{property.Name}"))
            .Distinct().Order(StringComparer.Ordinal);
    }
}
