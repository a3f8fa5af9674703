using System.Text.Json.Serialization;

namespace CdcDms.Pipeline.Ledger;

/// <summary>What the ledger keeps as JSON.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyList<ProofColumn>))]
internal sealed partial class LedgerJson : JsonSerializerContext;
