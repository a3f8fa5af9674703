using System.Text.Json;
using System.Text.Json.Serialization;

namespace CdcDms.Contract.Functions;

/// <summary>Output of the operate function: the report that the request asked for, or where it is.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "report")]
[JsonDerivedType(typeof(ReportHere), "here")]
[JsonDerivedType(typeof(ReportStored), "stored")]
public abstract record OperateAnswer;

/// <summary>The report.</summary>
/// <param name="Json">Its JSON.</param>
public sealed record ReportHere(JsonElement Json) : OperateAnswer;

/// <summary>A report that is larger than Lambda passes on.</summary>
/// <param name="Url">A presigned URL, by which the report's JSON may be fetched for some minutes.</param>
public sealed record ReportStored(Uri Url) : OperateAnswer;
