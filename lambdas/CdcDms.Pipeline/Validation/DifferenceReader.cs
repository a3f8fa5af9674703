namespace CdcDms.Pipeline.Validation;

/// <summary>One side of a comparison: its scan, its columns and the statements that read these.</summary>
internal sealed record ComparedSide(TableScan Scan, IReadOnlyList<ComparedValue> Values, ScanSql Sql);

/// <summary>Finds out in which columns rows differ, and what their keys are.</summary>
/// <param name="source">The source.</param>
/// <param name="target">Analytics.</param>
/// <param name="limits">How many rows are looked at, and how many are told.</param>
/// <param name="withValues">Whether values are told.</param>
internal sealed class DifferenceReader(ComparedSide source, ComparedSide target, ScanLimits limits, bool withValues)
{
    /// <summary>Looks at rows that differ. One that is not there any more is left out.</summary>
    /// <returns>The columns in which any of them differs, and the first of them one by one, in the order of their keys.</returns>
    public async Task<(IReadOnlyList<string> Columns, IReadOnlyList<RowDifference> Told)> ReadAsync(
        IReadOnlyList<DifferentRow> rows, CancellationToken cancellationToken)
    {
        var told = rows.Take(limits.ToldRows).Select(row => row.Key).Distinct().ToArray();
        // Of rows that one side lacks there is nothing to be learnt beyond those that are told.
        var examined = rows.Where((row, index) => index < limits.ToldRows || row.Kind is DifferenceKind.Changed).ToList();
        var (sources, targets) = await BothSides.RunAsync(
            cancel => source.Scan.ReadDetailsAsync(source.Sql, Rows(examined, row => row.Source), told, withValues, cancel),
            cancel => target.Scan.ReadDetailsAsync(target.Sql, Rows(examined, row => row.Target), told, withValues, cancel),
            cancellationToken);

        var columns = new SortedSet<int>();
        var differences = new List<RowDifference>();
        foreach (var row in examined)
        {
            var (left, right) = (Detail(sources, row.Source), Detail(targets, row.Target));
            if ((row.Source is not null && left is null) || (row.Target is not null && right is null))
                continue;
            var different = left is null || right is null ? []
                : Enumerable.Range(0, source.Values.Count).Where(column => left.Columns[column] != right.Columns[column]).ToList();
            columns.UnionWith(different);
            if (differences.Count < limits.ToldRows && (left ?? right)!.Key is { } key)
                differences.Add(Tell(row.Kind, key, different, left, right));
        }

        return (
            [.. columns.Select(column => source.Values[column].Name)],
            [.. differences.OrderBy(row => row, Comparer<RowDifference>.Create(CompareKeys))]);
    }

    private RowDifference Tell(DifferenceKind kind, string?[] key, List<int> different, RowDetail? left, RowDetail? right)
    {
        var told = kind is DifferenceKind.Changed ? different : [.. Enumerable.Range(0, source.Values.Count)];
        IReadOnlyDictionary<string, string?>? Values(RowDetail? detail) => detail?.Values is not { } values ? null
            : told.ToDictionary(column => source.Values[column].Name, column => values[column]);
        return new RowDifference
        {
            Kind = kind,
            Key = source.Values.Where(value => value.IsKey).Zip(key).ToDictionary(part => part.First.Name, part => part.Second),
            Columns = [.. different.Select(column => source.Values[column].Name)],
            Source = Values(left),
            Target = Values(right),
        };
    }

    private static List<RowHash> Rows(List<DifferentRow> rows, Func<DifferentRow, RowHash?> side) =>
        [.. rows.Select(side).OfType<RowHash>()];

    private static RowDetail? Detail(IReadOnlyDictionary<(long Key, long Row), RowDetail> details, RowHash? row) =>
        row is { } hash ? details.GetValueOrDefault((hash.Key, hash.Row)) : null;

    // Shorter texts first: so numbers come in their order.
    private static int CompareKeys(RowDifference one, RowDifference other) => one.Key.Values.Zip(other.Key.Values)
        .Select(part => (part.First?.Length ?? 0).CompareTo(part.Second?.Length ?? 0) is var order and not 0
            ? order : string.CompareOrdinal(part.First, part.Second))
        .FirstOrDefault(order => order != 0);
}
