namespace CdcDms.Pipeline.Quarantine;

/// <summary>A staged change that the target refuses.</summary>
/// <param name="Number">The change's number among the staged ones.</param>
/// <param name="Place">The change's place in its files; 0 when staged changes do not have theirs.</param>
/// <param name="SqlState">PostgreSQL's code.</param>
/// <param name="Error">PostgreSQL's sentence, which may hold values: for who asks the ledger.</param>
/// <param name="Told">The same without a value.</param>
/// <param name="KeyIsReadable">Whether the target can at least read the change's key.</param>
internal sealed record RefusedChange(long Number, long Place, string SqlState, string Error, string Told, bool KeyIsReadable)
{
    /// <summary>Most changes of one batch that may be put aside: more are no accident of single rows.</summary>
    public const int MostInBatch = 1000;
}
