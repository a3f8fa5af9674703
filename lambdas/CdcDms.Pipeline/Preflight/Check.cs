namespace CdcDms.Pipeline.Preflight;

/// <summary>One question that is asked of a source.</summary>
/// <param name="Name">What the finding is called for programs: words with hyphens.</param>
/// <param name="Ask">Answers with a finding for each thing that is wrong, from what was read of the source.</param>
internal sealed record Check(string Name, Func<SourceState, IEnumerable<Finding>> Ask)
{
    /// <summary>The findings, under the check's name.</summary>
    public IEnumerable<Finding> Of(SourceState state) => Ask(state).Select(finding => finding.Of(Name));

    /// <summary>A check that looks at each table by itself.</summary>
    public static Check OfTable(string name, Func<SourceState, CheckedTable, IEnumerable<Finding>> ask) => new(
        name,
        state => state.Tables.SelectMany(table => ask(state, table).Select(finding => finding.At(table.Name))));
}
