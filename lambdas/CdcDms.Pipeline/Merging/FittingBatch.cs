using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Merging;

/// <summary>What of a plan's files is merged, now that their rows are known: whole files, or a part of the first.</summary>
/// <param name="Plan">The plan, with as many files as fit.</param>
/// <param name="Groups">These files by their columns. One without rows has a generation, which has begun with it.</param>
internal sealed record FittingBatch(MergePlan Plan, IReadOnlyList<ShapedFiles> Groups)
{
    /// <summary>Cuts a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="groups">Its files by their columns, in the plan's order.</param>
    /// <param name="begun">Of files that are merged in part, how many rows are merged.</param>
    /// <param name="limits">What the batch may take.</param>
    public static FittingBatch Of(
        MergePlan plan, IReadOnlyList<ShapedFiles> groups, IReadOnlyDictionary<LakeObject, long> begun, BatchLimits limits)
    {
        if (groups.Count == 0)
            return new FittingBatch(plan, groups);
        if (PartOf(groups[0], 0, begun, limits) is { } part)
        {
            var more = plan.More || plan.Files.Count > 1 || !part.IsLast;
            var first = plan with { Files = [plan.Files[0]], Part = part, IsFull = plan.IsFull || more };
            return new FittingBatch(Behind(first, more), [groups[0].Take(1) with { Part = part }]);
        }

        var (fitting, left) = (new List<ShapedFiles>(), limits.Rows);
        foreach (var group in groups)
        {
            var count = group.Files.Index().TakeWhile(file =>
                (left -= group.Rows[file.Index]) >= 0 && PartOf(group, file.Index, begun, limits) is null).Count();
            if (count > 0)
                fitting.Add(group.Take(count));
            if (count < group.Files.Count)
                break;
        }

        var files = fitting.Sum(group => group.Files.Count);
        return files == plan.Files.Count
            ? new FittingBatch(plan, groups)
            : new FittingBatch(Behind(plan with { Files = [.. plan.Files.Take(files)], IsFull = true }, more: true), fitting);
    }

    private static MergePlan Behind(MergePlan plan, bool more) => plan with { More = more, Drains = more ? null : plan.Drains };

    /// <summary>The next part of a file that is too large or was begun; null for one that is merged whole.</summary>
    private static FilePart? PartOf(ShapedFiles group, int index, IReadOnlyDictionary<LakeObject, long> begun, BatchLimits limits)
    {
        var (file, rows) = (group.Files[index].Object, group.Rows[index]);
        var isBegun = begun.TryGetValue(file, out var merged);
        if (rows == 0 || (!isBegun && rows <= limits.Rows && file.Bytes <= limits.FileBytes))
            return null;
        var ofBytes = (long)Int128.Min((Int128)rows * limits.FileBytes / Math.Max(file.Bytes, 1), rows);
        var most = Math.Max(1, Math.Min(limits.Rows, ofBytes));
        return new FilePart(merged, Math.Min(rows, merged + most), rows);
    }
}
