using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;

namespace CdcDms.Contract;

/// <summary>
/// The JSON form of every record of the contract: camel case, enums by name, unknown and missing properties refused. A property that JSON
/// may lack, and that has a default other than 0 or null, has a setter: generated readers set every init-only property.
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
[JsonSerializable(typeof(SparkPlan))]
[JsonSerializable(typeof(PlanInput))]
[JsonSerializable(typeof(PlanOutput))]
[JsonSerializable(typeof(MergeInput))]
[JsonSerializable(typeof(MergeOutput))]
[JsonSerializable(typeof(MergeMarkersInput))]
[JsonSerializable(typeof(MergeMarkersOutput))]
[JsonSerializable(typeof(WriteMarkerOutput))]
[JsonSerializable(typeof(StreamOutput))]
[JsonSerializable(typeof(ProveInput))]
[JsonSerializable(typeof(ProveOutput))]
[JsonSerializable(typeof(ReloadInput))]
[JsonSerializable(typeof(ReloadOutput))]
[JsonSerializable(typeof(PreflightInput))]
[JsonSerializable(typeof(PreflightOutput))]
[JsonSerializable(typeof(ReplicationHealthInput))]
[JsonSerializable(typeof(AskedReplication))]
[JsonSerializable(typeof(HealthInput))]
[JsonSerializable(typeof(HealthOutput))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(TableHealth))]
[JsonSerializable(typeof(TaskDemands))]
[JsonSerializable(typeof(OperateAnswer))]
[JsonSerializable(typeof(LifecycleProperties))]
[JsonSerializable(typeof(EmptyBucketProperties))]
public sealed partial class ContractJson : JsonSerializerContext
{
    /// <summary>Reads what another version may have written: properties that this one does not know are left out.</summary>
    public static ContractJson OfOtherVersion => Other.Version;

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads a JSON array of table definitions of which every one must be right.</summary>
    /// <inheritdoc cref="ReadTables"/>
    /// <exception cref="CdcDmsException">The JSON or a definition is wrong; the sentences name every fault.</exception>
    public static IReadOnlyList<TableDefinition> ParseTables(string json, string origin) => ReadTables(json, origin).All();

    /// <summary>Reads a JSON array of table definitions, and tells the good ones from the bad ones, with every fault of these.</summary>
    /// <param name="json">The array's text.</param>
    /// <param name="origin">What the text is, for the sentences: a file name.</param>
    /// <exception cref="CdcDmsException">The text is no such array, or no definition in it is right.</exception>
    public static TableList ReadTables(string json, string origin)
    {
        using var document = ParseArray(json, origin);
        var read = document.RootElement.EnumerateArray().Select(ReadTable).ToList();
        if (read.Count == 0)
            throw new CdcDmsException(ErrorKind.BadDefinition, $"{origin} holds no table definition.");
        var list = TableDefinitions.Judge(read, origin);
        return list.Tables.Count > 0 ? list : new TableList(list.All(), []);
    }

    private static JsonDocument ParseArray(string json, string origin)
    {
        try
        {
            var document = JsonDocument.Parse(json, Lenient);
            return document.RootElement.ValueKind == JsonValueKind.Array
                ? document
                : throw new CdcDmsException(ErrorKind.BadDefinition, $"{origin} is not a list of table definitions: it must be an array.");
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"{origin} is not a list of table definitions: in line {fault.LineNumber + 1} at byte {fault.BytePositionInLine + 1}, "
                + $"{fault.Message.Split(" LineNumber: ")[0].TrimEnd('.')}.",
                fault);
        }
    }

    /// <summary>Reads one definition as far as it can be read, so that one run finds all that is wrong with it.</summary>
    /// <param name="json">The definition.</param>
    /// <param name="index">Its place in its list, from 0.</param>
    public static ReadDefinition ReadTable(JsonElement json, int index)
    {
        var place = $"[{index}]";
        var readable = new JsonObject { ["schema"] = place, ["name"] = place, ["target"] = $"{place}.{place}" };
        List<JsonFault> faults = json.ValueKind is JsonValueKind.Object ? [.. JsonForm.OfWhole(json, Default.TableDefinition)]
            : [new JsonFault("", "must be an object")];
        foreach (var property in json.ValueKind is JsonValueKind.Object ? json.EnumerateObject() : default)
        {
            var wrong = JsonForm.OfProperty(property, Default.TableDefinition).ToList();
            faults.AddRange(wrong);
            if (wrong.Count == 0)
                readable[property.Name] = JsonNode.Parse(property.Value.GetRawText(), documentOptions: Lenient);
            // What else is said of a table depends on whether it is fed from plain files.
            else if (property.NameEquals("feed"))
                readable["feed"] = new JsonObject { ["prefix"] = $"{place}/" };
        }

        return new ReadDefinition(readable.Deserialize(Default.TableDefinition)!, place, faults);
    }

    // Apart, since nobody knows whether a field of this class would be set before or after the generated Default.
    private static class Other
    {
        public static readonly ContractJson Version = new(new JsonSerializerOptions(Default.Options)
        {
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        });
    }
}
