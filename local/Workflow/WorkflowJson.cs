using System.Text.Json;
using System.Text.Json.Serialization;

namespace CdcDms.Local.Workflow;

/// <summary>The JSON of what an execution reports.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TableReport))]
internal sealed partial class WorkflowJson : JsonSerializerContext;
