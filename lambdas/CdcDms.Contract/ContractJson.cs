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
public sealed partial class ContractJson : JsonSerializerContext;
