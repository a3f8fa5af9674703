using System.Text.Json.Serialization;

namespace CdcDms.Functions.CustomResources;

[JsonSourceGenerationOptions(UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CloudFormationRequest))]
[JsonSerializable(typeof(CloudFormationAnswer))]
internal sealed partial class CloudFormationJson : JsonSerializerContext;
