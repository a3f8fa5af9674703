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
    /// <summary>Reads a JSON array of table definitions and checks the definitions.</summary>
    /// <param name="json">The array's text.</param>
    /// <param name="origin">What the text is, for the error: a file name.</param>
    /// <exception cref="CdcDmsException">The JSON or a definition is wrong; the sentence names every fault.</exception>
    public static IReadOnlyList<TableDefinition> ParseTables(string json, string origin)
    {
        IReadOnlyList<TableDefinition>? tables;
        try
        {
            tables = JsonSerializer.Deserialize(json, Default.IReadOnlyListTableDefinition);
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(ErrorKind.BadDefinition, $"{origin} is not a list of table definitions: {fault.Message}", fault);
        }

        if (tables is not { Count: > 0 })
            throw new CdcDmsException(ErrorKind.BadDefinition, $"{origin} holds no table definition.");
        TableDefinitions.Check(tables, origin);
        return tables;
    }
}
