namespace CdcDms.Pipeline.Quarantine;

/// <summary>A change that was put aside and is still open.</summary>
/// <param name="Id">The change's number.</param>
/// <param name="Target">The target table, <c>schema.name</c>.</param>
/// <param name="QuarantinedUtc">When the change was first put aside.</param>
/// <param name="Reason">
/// <c>refused</c> by the target, <c>late</c> (older than the deletes that are remembered), or <c>malformed</c>.
/// </param>
/// <param name="Operation"><c>D</c> for a delete, <c>U</c> for a row; null when the file does not say.</param>
/// <param name="Version">The change's version, 38 digits; null when it has none.</param>
/// <param name="Change">The values as text, by the file's columns, as a JSON object.</param>
/// <param name="Error">Why the change was put aside, in PostgreSQL's words, which may hold values.</param>
/// <param name="Told">The same without a value of a row; null when an older version of CdcDms put the change aside.</param>
public sealed record QuarantinedChange(
    long Id, string Target, DateTime QuarantinedUtc, string Reason, string? Operation, string? Version, string Change, string Error,
    string? Told);

/// <summary>What became of quarantined changes that were tried again.</summary>
/// <param name="Closed">Changes that are applied now, or need not be any more.</param>
/// <param name="Open">Changes that stay in the quarantine.</param>
public sealed record RetryResult(int Closed, int Open);
