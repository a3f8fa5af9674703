using System.Text.Json;
using System.Text.RegularExpressions;
using CdcDms.Contract;

namespace CdcDms.Infra.Environments.Reading;

/// <summary>Reads environment files.</summary>
public static partial class EnvironmentFile
{
    private static readonly JsonDocumentOptions Lenient = new()
    {
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
        CommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>Reads <c>NAME.json</c> in a folder.</summary>
    /// <exception cref="CdcDmsException">There is no such file, or it has faults: one line for each, with its JSON path.</exception>
    public static DeploymentEnvironment Load(string folder, string name)
    {
        // The name is part of DMS resource identifiers, which have 31 characters (docs/dms-contract.md#monitoring).
        if (!NamePattern().IsMatch(name))
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"'{name}' is not an environment's name: a letter, then up to 11 lower-case letters, digits or hyphens.");
        var path = Path.Combine(folder, name + ".json");
        if (!File.Exists(path))
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"There is no {path}; write it, or choose another environment with -c env=NAME.");
        return Parse(name, File.ReadAllText(path));
    }

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="CdcDmsException">It has faults: one line for each, with its JSON path.</exception>
    public static DeploymentEnvironment Parse(string name, string json)
    {
        var findings = new Findings();
        var environment = Parse(name, json, findings);
        if (findings.Faults.Count > 0)
            throw new CdcDmsException(ErrorKind.BadDefinition, string.Join('\n', findings.Faults.Select(fault => $"{name}.json {fault}")));
        return environment!;
    }

    internal static DeploymentEnvironment? Parse(string name, string json, Findings findings)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Lenient);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return EnvironmentReader.Read(name, document.RootElement, findings);
            findings.Add("$", "must be an object");
        }
        catch (JsonException fault)
        {
            findings.Add("$", $"is not JSON: {fault.Message}");
        }

        return null;
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{0,11}$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
