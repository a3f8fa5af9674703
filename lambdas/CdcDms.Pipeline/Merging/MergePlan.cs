using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Spark;

namespace CdcDms.Pipeline.Merging;

/// <summary>The next batch of one table: which files, as what.</summary>
/// <param name="Kind">What the files hold.</param>
/// <param name="Files">The files; none when nothing waits.</param>
internal sealed record MergePlan(ChangeKind Kind, IReadOnlyList<LakeObject> Files)
{
    /// <summary>Most files of one plan. Default of <see cref="SideBySide"/>.</summary>
    public const int MostPlannedFiles = 1000;

    // Half of the 256 KiB that a state of Step Functions may hold: the table's definition stands beside the plan.
    private const int MostAnswerBytes = 128 << 10;

    // What JSON puts around the files of a group.
    private const int GroupBytes = 16;

    /// <summary>The rows of the only file that are merged; null when all files are merged whole.</summary>
    public FilePart? Part { get; init; }

    /// <summary>Whether the batch takes all that it may: then more waits because of the limits.</summary>
    public bool IsFull { get; init; }

    /// <summary>Bytes of Parquet.</summary>
    public long Bytes => Part?.BytesOf(Files[0].Bytes) ?? Files.Sum(file => file.Bytes);

    /// <summary>Whether there is nothing to apply.</summary>
    public bool IsEmpty => Files.Count == 0;

    /// <summary>What Spark has left, of which the files are; null for files as they came into the lake.</summary>
    public SparkLeft? Spark { get; init; }

    /// <summary>Files that are merged with the last of what Spark has left of them.</summary>
    public IReadOnlyList<LakeObject> Replaced => Spark is null || More ? [] : Spark.Plan.Files;

    /// <summary>Whether more is to do behind these files.</summary>
    public bool More { get; init; }

    /// <summary>The listing whose last files these are; null when more wait.</summary>
    public Listing? Drains { get; init; }

    /// <summary>Chooses the next batch: full-load files first, then CDC files.</summary>
    public static MergePlan Next(WaitingFiles waiting, TableDefinition table, BatchLimits limits)
    {
        var loads = waiting.Loads.Count > 0;
        var wanted = loads ? waiting.Loads : waiting.Changes;
        var files = Groups(wanted, limits).FirstOrDefault() ?? [];
        // When the last file of a complete generation's load is merged, rows of older generations still have to go.
        var more = files.Count < waiting.Loads.Count + waiting.Changes.Count || (loads && waiting.Complete is not null);
        return new MergePlan(loads ? new ChangeKind.Snapshot() : ChangeKind.Of(table), files)
        {
            More = more,
            IsFull = files.Count < wanted.Count,
            Drains = more ? null : waiting.Listing,
        };
    }

    /// <summary>What may be taken of a group of full-load files that was planned before; the next plan has the others again.</summary>
    /// <param name="pending">Those of the group's files that are not applied.</param>
    /// <param name="limits">What the batch may take.</param>
    public static MergePlan Of(IReadOnlyList<LakeObject> pending, BatchLimits limits)
    {
        var files = Groups(pending, limits).FirstOrDefault() ?? [];
        var more = files.Count < pending.Count;
        return new MergePlan(new ChangeKind.Snapshot(), files) { More = more, IsFull = more };
    }

    /// <summary>What may be taken of what Spark has left.</summary>
    public static MergePlan Of(SparkLeft left, ChangeKind kind, BatchLimits limits)
    {
        var files = Groups(left.Pending, limits).FirstOrDefault() ?? [];
        var more = files.Count < left.Pending.Count;
        return new MergePlan(kind, files) { Spark = left, More = more, IsFull = more };
    }

    /// <summary>The full-load files in groups that may be merged side by side.</summary>
    /// <param name="waiting">The files.</param>
    /// <param name="limits">What a group may have.</param>
    /// <param name="mostFiles">Most files; none for a target whose batches are alone.</param>
    public static PlanOutput SideBySide(WaitingFiles waiting, BatchLimits limits, int mostFiles = MostPlannedFiles)
    {
        var loads = ThatAnAnswerHolds(waiting.Loads.Take(mostFiles));
        return new PlanOutput
        {
            SnapshotGroups = [.. Groups(loads, limits).Select(files => new FileGroup { Files = files })],
            ChangesWait = waiting.Complete is not null || waiting.Loads.Count + waiting.Changes.Count > loads.Count,
        };
    }

    private static List<LakeObject> ThatAnAnswerHolds(IEnumerable<LakeObject> files)
    {
        var left = MostAnswerBytes;
        return [.. files.TakeWhile(file => (left -= JsonBytes(file) + GroupBytes) >= 0)];
    }

    private static int JsonBytes(LakeObject file) => JsonSerializer.SerializeToUtf8Bytes(file, ContractJson.Default.LakeObject).Length;

    private static IEnumerable<IReadOnlyList<LakeObject>> Groups(IReadOnlyList<LakeObject> files, BatchLimits limits)
    {
        var group = new List<LakeObject>();
        var left = limits.Bytes;
        foreach (var file in files)
        {
            if (group.Count > 0 && (file.Bytes > left || group.Count == limits.Files))
            {
                yield return group;
                (group, left) = ([], limits.Bytes);
            }

            group.Add(file);
            left -= file.Bytes;
        }

        if (group.Count > 0)
            yield return group;
    }
}
