using System.Text.Json;
using System.Text.Json.Serialization;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Preflight;
using CdcDms.Pipeline.Proofs;
using CdcDms.Pipeline.Quarantine;
using CdcDms.Pipeline.Status;

namespace CdcDms.Pipeline.Operations;

/// <summary>
/// The JSON of what operators ask for, and of the reports that answer it: what is null is written, too, so that a
/// report that lacks something is refused.
/// </summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    AllowOutOfOrderMetadataProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(OperateRequest))]
[JsonSerializable(typeof(TableList))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(ActivityMark))]
[JsonSerializable(typeof(PipelineActivity))]
[JsonSerializable(typeof(BatchesReport))]
[JsonSerializable(typeof(TableDetail))]
[JsonSerializable(typeof(TablePlaces))]
[JsonSerializable(typeof(ResumeReport))]
[JsonSerializable(typeof(DoneReport))]
[JsonSerializable(typeof(QuarantineReport))]
[JsonSerializable(typeof(RetryResult))]
[JsonSerializable(typeof(DropReport))]
[JsonSerializable(typeof(PreflightReport))]
[JsonSerializable(typeof(ProofsAsked))]
[JsonSerializable(typeof(FullProof))]
[JsonSerializable(typeof(ProofResult))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class OperateJson : JsonSerializerContext;
