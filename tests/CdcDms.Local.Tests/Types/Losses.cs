namespace CdcDms.Local.Tests.Types;

/// <summary>
/// What does not arrive as it was, and what arrives instead (docs/dms-contract.md#postgresql-types, docs/dms-contract.md#parquet-types).
/// Everything that is not here arrives equal.
/// </summary>
internal static class Losses
{
    private const string ToMilliseconds = "substring({0}::text FROM '^[0-9:]+(?:[.][0-9]{{1,3}})?')";
    private const string ClampedDate = "CASE {0} WHEN 'infinity' THEN '9999-12-31' WHEN '-infinity' THEN '4713-01-01 BC' ELSE {0} END";
    private const string ClampedTime =
        "CASE {0} WHEN 'infinity' THEN '9999-12-31 23:59:59' WHEN '-infinity' THEN '4713-01-01 00:00:00 BC' ELSE {0} END";

    /// <summary>By type: an expression over the source's value of what arrives, and why.</summary>
    public static IReadOnlyDictionary<string, (string Arrives, string Why)> All { get; } =
        new Dictionary<string, (string Arrives, string Why)>
        {
            ["numeric"] = ("round({0}, 6)", "DMS takes NUMERIC(28,6) when none is declared"),
            ["date"] = (ClampedDate, "DMS has no infinity"),
            ["timestamp"] = (ClampedTime, "DMS has no infinity"),
            ["timestamptz"] = (ClampedTime, "DMS has no infinity"),
            ["time"] = ($"({ToMilliseconds})::time", "DMS writes TIME_MILLIS"),
            ["timetz"] = ($"({ToMilliseconds} || '+00')::timetz", "DMS writes TIME_MILLIS without a zone"),
            ["xml"] = (
                "xml_out({0})",
                "PostgreSQL tells no client the encoding that a document declares (xml type, \"Encoding Handling\")"),
        };
}
