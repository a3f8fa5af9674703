namespace CdcDms.Pipeline.Changes;

/// <summary>A row that cannot be ordered, or not be told from others.</summary>
/// <param name="Fault">Why, as half a sentence.</param>
/// <param name="Operation">Its operation as it stands.</param>
/// <param name="CommittedAt">Its commit time as it stands.</param>
/// <param name="Values">All its values as text, in the order of the files' columns.</param>
internal sealed record MalformedRow(string Fault, string? Operation, string? CommittedAt, IReadOnlyList<string?> Values);
