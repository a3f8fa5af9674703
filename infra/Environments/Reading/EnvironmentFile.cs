using System.Text.Json;
using System.Text.RegularExpressions;
using CdcDms.Contract;

namespace CdcDms.Infra.Environments.Reading;

/// <summary>Reads environment files.</summary>
public static partial class EnvironmentFile
{
    private const int LongestName = 12;

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
        // The name is part of identifiers of DMS and RDS: at most 31 characters for some of them, no hyphen at an end, no two together
        // (docs/dms-contract.md#monitoring).
        if (name.Length > LongestName || !NamePattern().IsMatch(name))
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"'{name}' is not an environment's name: at most {LongestName} lower-case letters, digits and single hyphens "
                + "between them, a letter first.");
        var path = Path.Combine(folder, name + ".json");
        if (!File.Exists(path))
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"There is no {path}; write it, or choose another environment with -c env=NAME.");
        return Parse(name, File.ReadAllText(path), folder);
    }

    /// <summary>Reads a file's text.</summary>
    /// <param name="name">The environment.</param>
    /// <param name="json">The text.</param>
    /// <param name="folder">Where the certificates must be that the file names. Default: nowhere.</param>
    /// <exception cref="CdcDmsException">It has faults: one line for each, with its JSON path.</exception>
    public static DeploymentEnvironment Parse(string name, string json, string? folder = null)
    {
        var findings = new Findings();
        var environment = Parse(name, json, findings);
        if (folder is not null && environment is not null)
        {
            RequireFile(folder, environment.Source.Tls.CaFile, "$.source.tls.caFile", findings);
            RequireFile(folder, environment.Analytics.Tls.CaFile, "$.analytics.tls.caFile", findings);
        }

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

    private static void RequireFile(string folder, string? file, string path, Findings findings)
    {
        if (file is not null && !File.Exists(Path.Combine(folder, file)))
            findings.Add(path, $"there is no {Path.Combine(folder, file)}");
    }

    [GeneratedRegex("^[a-z](-?[a-z0-9])*$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
