using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Validation;

/// <summary>Finds out in which columns rows differ, and what their keys are.</summary>
/// <param name="source">The source.</param>
/// <param name="target">Analytics.</param>
/// <param name="buckets">Buckets in which the rows are, one bit each.</param>
/// <param name="toldRows">How many rows are told.</param>
/// <param name="withValues">Whether values are told.</param>
internal sealed class DifferenceReader(ComparedSide source, ComparedSide target, byte[] buckets, int toldRows, bool withValues)
{
    /// <summary>A row as both sides have it.</summary>
    private sealed record Examined(DifferentRow Row, RowDetail? Source, RowDetail? Target)
    {
        public string?[] Key => (Source ?? Target)!.Key;

        public IEnumerable<int> Columns => Source is null || Target is null ? []
            : Enumerable.Range(0, Source.Columns.Length).Where(column => Source.Columns[column] != Target.Columns[column]);
    }

    /// <summary>Looks at rows that differ. One that is not there any more is left out.</summary>
    /// <returns>The columns in which any of them differs, and the first of them one by one, in the order of their keys.</returns>
    public async Task<(IReadOnlyList<string> Columns, IReadOnlyList<RowDifference> Told)> ReadAsync(
        IReadOnlyList<DifferentRow> rows, CancellationToken cancellationToken)
    {
        var examined = await ExamineAsync(rows, texts: false, cancellationToken);
        var columns = examined.SelectMany(row => row.Columns).Distinct().Order().Select(column => source.Values[column].Name).ToList();
        var told = examined.OrderBy(row => row.Key, KeyOrder.Of([.. examined.Select(row => row.Key)])).Take(toldRows).ToList();
        // Values of all rows that are looked at may be more than memory holds.
        if (withValues)
            told = await ExamineAsync([.. told.Select(row => row.Row)], texts: true, cancellationToken);
        return (columns, [.. told.Select(Tell)]);
    }

    private async Task<List<Examined>> ExamineAsync(
        IReadOnlyList<DifferentRow> rows, bool texts, CancellationToken cancellationToken)
    {
        var (sources, targets) = await BothSides.RunAsync(
            cancel => source.Scan.ReadDetailsAsync(source.Sql, Rows(rows, row => row.Source), buckets, texts, cancel),
            cancel => target.Scan.ReadDetailsAsync(target.Sql, Rows(rows, row => row.Target), buckets, texts, cancel),
            cancellationToken);
        return
        [
            .. from row in rows
               let found = new Examined(row, Detail(sources, row.Source), Detail(targets, row.Target))
               where (row.Source is null || found.Source is not null) && (row.Target is null || found.Target is not null)
               select found,
        ];
    }

    private RowDifference Tell(Examined row)
    {
        var different = row.Columns.ToList();
        var told = row.Row.Kind is DifferenceKind.Changed ? different : [.. Enumerable.Range(0, source.Values.Count)];
        IReadOnlyDictionary<string, string?>? Values(RowDetail? detail) => detail?.Values is not { } values ? null
            : told.ToDictionary(column => source.Values[column].Name, column => values[column]);
        return new RowDifference
        {
            Kind = row.Row.Kind,
            Key = source.Values.Where(value => value.IsKey).Zip(row.Key).ToDictionary(part => part.First.Name, part => part.Second),
            Columns = [.. different.Select(column => source.Values[column].Name)],
            Source = Values(row.Source),
            Target = Values(row.Target),
        };
    }

    private static IEnumerable<RowHash> Rows(IReadOnlyList<DifferentRow> rows, Func<DifferentRow, RowHash?> side) =>
        rows.Select(side).OfType<RowHash>();

    private static RowDetail? Detail(IReadOnlyDictionary<(long Key, long Row), RowDetail> details, RowHash? row) =>
        row is { } hash ? details.GetValueOrDefault((hash.Key, hash.Row)) : null;
}
