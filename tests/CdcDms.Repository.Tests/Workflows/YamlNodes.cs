using YamlDotNet.RepresentationModel;

namespace CdcDms.Rules.Workflows;

/// <summary>Reads nodes of YAML.</summary>
internal static class YamlNodes
{
    public static T? Child<T>(this YamlMappingNode node, string name)
        where T : YamlNode =>
        node.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child as T : null;

    public static string? Text(this YamlMappingNode node, string name) => node.Child<YamlScalarNode>(name)?.Value;

    /// <summary>One text, or a list of texts.</summary>
    public static IReadOnlyList<string> Texts(this YamlMappingNode node, string name) =>
        node.Text(name) is { } only ? [only] : [.. node.Child<YamlSequenceNode>(name)?.Select(item => item.ToString()) ?? []];
}
