using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CdcDms.Contract.Tables;
using CdcDms.Infra.Environments.Reading;

namespace CdcDms.Infra.Tests.Environments;

public class EnvironmentSchemaTests
{
    private static readonly string SchemaText = Repository.Read("infra", "Environments", "environment.schema.json");

    [Fact]
    public void Schema_and_reader_know_the_same_properties_with_the_same_defaults() =>
        Assert.Equal(Read().Order(), Described(JsonNode.Parse(SchemaText)!, "$").Order());

    [Fact]
    public void Schema_and_reader_ask_the_same_form_of_every_text()
    {
        var schema = JsonNode.Parse(SchemaText)!;

        Assert.All(Asked().Patterns, asked => Assert.Equal($"^(?:{asked.Value.Expression})$", PatternAt(schema, asked.Key)));
    }

    [Fact]
    public void The_documentation_names_every_property_and_default()
    {
        var text = Repository.Read("docs", "environment.md");

        Assert.All(
            Read().Where(property => property != "$.$schema"),
            property => Assert.Contains(DocumentationRow(property), text, StringComparison.Ordinal));
    }

    [Fact]
    public void Schema_and_table_definition_have_the_same_properties_and_choices() =>
        Assert.Equal(
            OfRecord(typeof(TableDefinition), "tables[]").Order(),
            OfSchema(Tables, "tables[]").Select(property => property.Line).Order());

    [Fact]
    public void The_documentation_names_every_property_and_default_of_a_table()
    {
        var text = Repository.Read("docs", "environment.md");

        Assert.All(
            OfSchema(Tables, "$.tables[]"),
            property =>
            {
                var fallback = property.Default is null ? "" : $" = {property.Default}";
                Assert.Contains(DocumentationRow(property.Path + fallback), text, StringComparison.Ordinal);
            });
    }

    [Fact]
    public void The_defaults_of_a_table_are_those_of_its_definition()
    {
        var table = new TableDefinition { Schema = "s", Name = "n", Target = "a.t" };
        var defaults = Tables["properties"]!.AsObject()
            .Where(property => property.Value!["default"] is not null)
            .Select(property => (property.Key, property.Value!["default"]!.ToString()));

        Assert.Equal(
            [
                ("deletes", Name(table.Deletes)),
                ("lobUpdates", Name(table.LobUpdates)),
                ("badRows", Name(table.BadRows)),
                ("ordering", Name(table.Ordering)),
                ("tombstoneRetentionDays", $"{TableDefinition.DefaultTombstoneRetentionDays}"),
            ],
            defaults);
    }

    private static string? PatternAt(JsonNode schema, string path)
    {
        foreach (var name in path.Replace("[]", ".[]", StringComparison.Ordinal).Split('.').Skip(1))
            schema = (name == "[]" ? schema["items"] : schema["properties"]![name])!;
        return schema["enum"] is { } choices ? $"^(?:{string.Join('|', choices.AsArray())})$" : schema["pattern"]?.GetValue<string>();
    }

    private static JsonNode Tables => JsonNode.Parse(SchemaText)!["properties"]!["tables"]!["items"]!;

    // One line for each property that can be set: its path, whether it is required, what it may be.
    private static IEnumerable<string> OfRecord(Type type, string path)
    {
        foreach (var property in type.GetProperties().Where(property => property.SetMethod is not null))
        {
            var at = $"{path}.{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}";
            var of = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            var item = of.IsGenericType ? of.GetGenericArguments()[0] : null;
            if ((item ?? of) is { IsClass: true } nested && nested != typeof(string))
                foreach (var line in OfRecord(nested, item is null ? at : $"{at}[]"))
                    yield return line;
            else
                yield return Line(
                    at,
                    property.GetCustomAttribute<RequiredMemberAttribute>() is not null,
                    of.IsEnum ? of.GetFields(BindingFlags.Public | BindingFlags.Static).Select(Name) : []);
        }
    }

    private static IEnumerable<(string Path, string? Default, string Line)> OfSchema(JsonNode schema, string path)
    {
        foreach (var (name, property) in schema["properties"]!.AsObject())
        {
            var at = $"{path}.{name}";
            if ((property!["items"] ?? property) is { } nested && nested["properties"] is not null)
                foreach (var inner in OfSchema(nested, nested == property ? at : $"{at}[]"))
                    yield return inner;
            else
                yield return (
                    at,
                    property["default"]?.ToString(),
                    Line(
                        at,
                        schema["required"]?.AsArray().Any(required => required!.GetValue<string>() == name) == true,
                        property["enum"]?.AsArray().Select(value => value!.GetValue<string>()) ?? []));
        }
    }

    private static string Line(string path, bool required, IEnumerable<string> choices) =>
        $"{path}{(required ? " required" : "")} {string.Join('|', choices)}";

    private static string Name<T>(T value) where T : struct, Enum => Name(typeof(T).GetField(value.ToString())!);

    private static string Name(FieldInfo choice) => choice.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()!.Name;

    private static string DocumentationRow(string property)
    {
        var parts = property.Split(" = ");
        return $"| `{parts[0][2..]}` | " + (parts.Length > 1 ? $"`{parts[1]}` |" : "");
    }

    private static HashSet<string> Read()
    {
        var findings = Asked();
        var sections = findings.Known
            .Select(known => known.Path)
            .Where(path => findings.Known.Any(other => other.Path.StartsWith(path + ".", StringComparison.Ordinal)))
            .ToHashSet();
        return [.. findings.Known
            .Where(known => !sections.Contains(known.Path) && known.Path != "$.tables")
            .Select(known => known.Default is null ? known.Path : $"{known.Path} = {known.Default}")];
    }

    // The samples take every branch of the reader but those of a cdc migration, of another connection for reads, and of what is optional.
    private static Findings Asked()
    {
        var findings = new Findings();
        foreach (var name in (string[])["dev", "prod", "sandbox", "shared"])
            EnvironmentFile.Parse(name, Repository.Read("infra", "Environments", name + ".json"), findings);
        EnvironmentFile.Parse("cdc", """{"replication":{"migrationType":"cdc","slot":{}}}""", findings);
        EnvironmentFile.Parse("reads", """{"validation":{"source":{}}}""", findings);
        EnvironmentFile.Parse("optional", """{"governance":{"github":{}},"budget":{}}""", findings);
        return findings;
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
