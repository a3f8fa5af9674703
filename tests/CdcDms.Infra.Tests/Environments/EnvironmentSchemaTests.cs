using System.Text.Json;
using System.Text.Json.Nodes;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Environments.Reading;

namespace CdcDms.Infra.Tests.Environments;

public class EnvironmentSchemaTests
{
    private static readonly string SchemaText = Repository.Read("infra", "Environments", "environment.schema.json");

    [Fact]
    public void Schema_and_reader_know_the_same_properties_with_the_same_defaults() =>
        Assert.Equal(Read().Order(), Described(JsonNode.Parse(SchemaText)!, "$").Order());

    [Fact]
    public void The_documentation_names_every_property_and_default()
    {
        var text = Repository.Read("docs", "environment.md");

        Assert.All(
            Read().Where(property => property != "$.$schema"),
            property => Assert.Contains(DocumentationRow(property), text, StringComparison.Ordinal));
    }

    private static string DocumentationRow(string property)
    {
        var parts = property.Split(" = ");
        return $"| `{parts[0][2..]}` | " + (parts.Length > 1 ? $"`{parts[1]}` |" : "");
    }

    // The samples take every branch of the reader but that of a cdc migration.
    private static HashSet<string> Read()
    {
        var findings = new Findings();
        foreach (var name in (string[])["dev", "prod", "sandbox"])
            EnvironmentFile.Parse(name, Repository.Read("infra", "Environments", name + ".json"), findings);
        EnvironmentFile.Parse("cdc", """{"replication":{"migrationType":"cdc","slot":{}}}""", findings);
        var sections = findings.Known.Select(known => known.Path).Where(path => findings.Known.Any(other => other.Path.StartsWith(path + ".", StringComparison.Ordinal))).ToHashSet();
        return [.. findings.Known
            .Where(known => !sections.Contains(known.Path) && known.Path != "$.tables")
            .Select(known => known.Default is null ? known.Path : $"{known.Path} = {known.Default}")];
    }

    private static IEnumerable<string> Described(JsonNode schema, string path)
    {
        foreach (var (name, property) in schema["properties"]!.AsObject())
        {
            var at = $"{path}.{name}";
            if (property!["properties"] is not null)
            {
                foreach (var nested in Described(property, at))
                    yield return nested;
            }
            else if (at != "$.tables")
            {
                yield return property["default"] is { } fallback
                    ? $"{at} = {(fallback.GetValueKind() == JsonValueKind.String ? fallback.GetValue<string>() : fallback.ToJsonString())}"
                    : at;
            }
        }
    }
}
