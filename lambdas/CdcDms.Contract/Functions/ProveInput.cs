using System.Text.Json.Serialization;
using CdcDms.Contract.Tables;

namespace CdcDms.Contract.Functions;

/// <summary>Which rows are proven.</summary>
public enum ProofScope
{
    /// <summary>Some keys of the files that were merged since the table's last proof.</summary>
    [JsonStringEnumMemberName("sample")]
    Sample,

    /// <summary>Every row.</summary>
    [JsonStringEnumMemberName("all")]
    All,
}

/// <summary>Input of the prove function: one table.</summary>
public sealed record ProveInput
{
    /// <summary>The table.</summary>
    public required TableDefinition Table { get; init; }

    /// <summary>Which rows.</summary>
    public required ProofScope Scope { get; init; }

    /// <summary>Names who compares the whole table: calls of the same run go on with one comparison. Default: a run of one call.</summary>
    public string? Run { get; init; }

    /// <summary>The most keys of a sample. Default: 1,000.</summary>
    public int SampleKeys { get; set; } = 1000;

    /// <summary>Whether rows that differ are made as they are at the source, once the proof is judged.</summary>
    public required bool Repairs { get; init; }
}
