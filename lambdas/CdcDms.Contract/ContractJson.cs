using System.Text.Json;
using System.Text.Json.Serialization;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;

namespace CdcDms.Contract;

/// <summary>
/// The JSON form of every record of the contract: camel case, enums by name, unknown and missing properties refused.
/// </summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    WriteIndented = false,
    UseStringEnumConverter = true,
    AllowTrailingCommas = true,
    ReadCommentHandling = JsonCommentHandling.Skip,
    NumberHandling = JsonNumberHandling.Strict,
    PropertyNameCaseInsensitive = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(IReadOnlyList<TableDefinition>))]
[JsonSerializable(typeof(SnapshotManifest))]
[JsonSerializable(typeof(PlanInput))]
[JsonSerializable(typeof(PlanOutput))]
[JsonSerializable(typeof(MergeInput))]
[JsonSerializable(typeof(MergeOutput))]
[JsonSerializable(typeof(ValidateInput))]
[JsonSerializable(typeof(ValidateOutput))]
[JsonSerializable(typeof(LifecycleProperties))]
public sealed partial class ContractJson : JsonSerializerContext
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads a JSON array of table definitions of which every one must be right.</summary>
    /// <inheritdoc cref="ReadTables"/>
    /// <exception cref="CdcDmsException">The JSON or a definition is wrong; the sentences name every fault.</exception>
    public static IReadOnlyList<TableDefinition> ParseTables(string json, string origin) => ReadTables(json, origin).All();

    /// <summary>Reads a JSON array of table definitions, and tells the good ones from the bad ones.</summary>
    /// <param name="json">The array's text.</param>
    /// <param name="origin">What the text is, for the sentences: a file name.</param>
    /// <exception cref="CdcDmsException">The text is no such array, or no definition in it is right.</exception>
    public static TableList ReadTables(string json, string origin)
    {
        var unreadable = new List<TableFault>();
        var readable = new List<TableDefinition>();
        try
        {
            using var document = JsonDocument.Parse(json, Lenient);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
                throw new JsonException("it must be an array");
            foreach (var (index, item) in document.RootElement.EnumerateArray().Index())
                if (ReadTable(item, out var fault) is { } table)
                    readable.Add(table);
                else
                    unreadable.Add(new TableFault(Name(item) ?? $"[{index}]", $"{origin}[{index}]{fault.Path}: {fault.Message}"));
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(ErrorKind.BadDefinition, $"{origin} is not a list of table definitions: {fault.Message}", fault);
        }

        if (readable.Count + unreadable.Count == 0)
            throw new CdcDmsException(ErrorKind.BadDefinition, $"{origin} holds no table definition.");
        var judged = TableDefinitions.Judge(readable, origin);
        var list = judged with { Faults = [.. unreadable, .. judged.Faults] };
        return list.Tables.Count > 0 ? list : new TableList(list.All(), []);
    }

    /// <summary>Reads one definition.</summary>
    /// <param name="json">The definition.</param>
    /// <param name="fault">Where in the definition the reading failed, such as <c>.kye</c>, and why.</param>
    /// <returns>Null when it cannot be read.</returns>
    public static TableDefinition? ReadTable(JsonElement json, out (string Path, string Message) fault)
    {
        fault = ("", "it must be an object");
        try
        {
            return json.ValueKind is JsonValueKind.Object ? json.Deserialize(Default.TableDefinition) : null;
        }
        catch (JsonException wrong)
        {
            fault = (wrong.Path?.TrimStart('$') ?? "", wrong.Message.Split(" Path: ")[0]);
            return null;
        }
    }

    // So that the table can be found, whatever else is wrong with its definition.
    private static string? Name(JsonElement item) =>
        item.ValueKind is JsonValueKind.Object
        && item.TryGetProperty("schema", out var schema) && schema.ValueKind is JsonValueKind.String
        && item.TryGetProperty("name", out var name) && name.ValueKind is JsonValueKind.String
            ? new TableName(schema.GetString()!, name.GetString()!).ToString()
            : null;
}
