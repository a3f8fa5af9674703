using System.Text.Json;
using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Environments.Reading;

namespace CdcDms.Infra.Tests.Environments;

/// <summary>A sample environment's JSON, to be changed and read.</summary>
internal sealed class EnvironmentJson(string name)
{
    private readonly JsonObject _json = JsonNode.Parse(Repository.Read("infra", "Environments", name + ".json"))!.AsObject();

    /// <summary>Sets a property, by names from the root on; null removes it.</summary>
    public EnvironmentJson With(string path, object? value)
    {
        var names = path.Split('.');
        JsonNode at = _json;
        foreach (var part in names[..^1])
            at = int.TryParse(part, out var index) ? at[index]! : at[part] ?? (at[part] = new JsonObject());
        if (value is null)
            at.AsObject().Remove(names[^1]);
        else
            at[names[^1]] = value is string text && text.StartsWith('{') ? JsonNode.Parse(text) : JsonSerializer.SerializeToNode(value);
        return this;
    }

    /// <summary>Adds a table.</summary>
    public EnvironmentJson WithTable(string tableJson)
    {
        _json["tables"]!.AsArray().Add(JsonNode.Parse(tableJson));
        return this;
    }

    public DeploymentEnvironment Read() => EnvironmentFile.Parse(name, _json.ToJsonString());

    /// <summary>The lines of the error, without the file's name.</summary>
    public IReadOnlyList<string> Faults()
    {
        var fault = Assert.Throws<CdcDmsException>(Read);
        Assert.Equal(ErrorKind.BadDefinition, fault.Kind);
        return [.. fault.Message.Split('\n').Select(line => line[(name.Length + ".json ".Length)..])];
    }
}
