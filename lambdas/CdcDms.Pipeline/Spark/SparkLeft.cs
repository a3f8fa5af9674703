using System.Globalization;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Spark;

/// <summary>What Spark has left of a plan's change files, to be merged in their place.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Folder">The key under which the plan's folder begins.</param>
/// <param name="Pending">Files of Spark that are not merged yet, in key order.</param>
internal sealed record SparkLeft(SparkPlan Plan, string Folder, IReadOnlyList<LakeObject> Pending)
{
    // Nothing is computed of what is read here but one sum.
    private const int MemoryMegabytes = 128;

    /// <summary>The folder of what is left of one of a plan's groups, with its closing slash.</summary>
    public static string FolderOf(int group) => string.Create(CultureInfo.InvariantCulture, $"{group:D4}/");

    /// <summary>Finds what is left and not merged yet, and that it stands for all that Spark was to read.</summary>
    /// <param name="lake">The lake.</param>
    /// <param name="session">The table.</param>
    /// <param name="address">The plan's address.</param>
    /// <exception cref="NotFromSparkException">It cannot be merged in the place of the plan's files.</exception>
    /// <exception cref="CdcDmsException">The lake cannot be read.</exception>
    public static async Task<SparkLeft> FindAsync(
        LakeReader lake, TargetSession session, string address, CancellationToken cancellationToken)
    {
        var key = lake.Lake.KeyOf(address);
        var folder = key[..(key.LastIndexOf('/') + 1)];
        var found = await lake.ListAsync(folder, startAfter: null, cancellationToken).ToListAsync(cancellationToken);
        var text = found.FirstOrDefault(candidate => candidate.Key == key)
            ?? throw new NotFromSparkException($"there is no plan {key}");
        var plan = JsonSerializer.Deserialize(await lake.TextAsync(text, cancellationToken), ContractJson.Default.SparkPlan)!;
        if (plan.Table != session.Table.Source.ToString() || !plan.Key.SequenceEqual(session.Target.Key.Select(column => column.From)))
            throw new NotFromSparkException($"the plan is of {plan.Table} with the key {string.Join(", ", plan.Key)}");
        var waiting = await session.Ledger.Files.PendingAsync(plan.Files, cancellationToken);
        if (waiting.Count == 0)
            return new SparkLeft(plan, folder, []);
        if (waiting.Count < plan.Files.Count)
            throw new NotFromSparkException($"another merge has taken {plan.Files.Count - waiting.Count} of its files meanwhile");

        if ((await session.Ledger.Files.BegunAsync(plan.Files, cancellationToken)).Count > 0)
            throw new NotFromSparkException("another merge has begun one of its files meanwhile");

        var left = new SparkLeft(plan, folder, [.. found.Where(file => IsOfSpark(file.Key) && file.Bytes > 0)]);
        await left.RefuseIncompleteAsync(lake, cancellationToken);
        return left with { Pending = await session.Ledger.Files.PendingAsync(left.Pending, cancellationToken) };
    }

    /// <summary>Puts files of Spark together by the plan's groups.</summary>
    /// <param name="duckDb">Where they are read.</param>
    /// <param name="files">Some of them, in key order.</param>
    public IReadOnlyList<ShapedFiles> Shape(DuckDbConnection duckDb, IReadOnlyList<FetchedFile> files)
    {
        var rows = Rows(duckDb, files);
        return
        [
            .. files.GroupBy(file => GroupOf(file.Object.Key)).Select(group =>
            {
                var planned = Plan.Groups[group.Key];
                return new ShapedFiles(
                    [.. group], planned.Columns.ToDictionary(column => column.Name, column => column.Type), planned.BytesPerRow)
                {
                    Generation = planned.Generation,
                    Rows = [.. group.Select(file => rows[file.Path])],
                    Carried =
                    [
                        .. planned.Columns.Select((column, index) =>
                            new CarriedColumn(column.Name, CarriedType.Of(column).Restore(CarriedType.Name(index)))),
                    ],
                };
            }),
        ];
    }

    // The sum of what each row stands for is the number of rows in the change files, whatever happened to Spark on the way.
    private async Task RefuseIncompleteAsync(LakeReader lake, CancellationToken cancellationToken)
    {
        using var workspace = new ChangeWorkspace(MemoryMegabytes);
        var files = workspace.Places(Pending);
        try
        {
            await SparseFiles.FetchFootersAsync(lake, files, cancellationToken);
            foreach (var (index, group) in Plan.Groups.Index())
            {
                var ofGroup = files.Where(file => GroupOf(file.Object.Key) == index).ToList();
                var read = ofGroup.Count == 0 ? 0 : await StandForAsync(workspace.Connection, lake, ofGroup, cancellationToken);
                if (read != group.Rows)
                    throw new NotFromSparkException($"what is left stands for {read} changes, and the files have {group.Rows}");
            }
        }
        catch (DuckDbException fault)
        {
            throw new NotFromSparkException($"what is left cannot be read ({FetchedFile.Told(fault)})");
        }

        workspace.KeepDuckDb();
    }

    private static async Task<long> StandForAsync(
        DuckDbConnection duckDb, LakeReader lake, IReadOnlyList<FetchedFile> files, CancellationToken cancellationToken)
    {
        await SparseFiles.FetchColumnAsync(duckDb, lake, files, CarriedColumn.StandsFor, cancellationToken);
        var paths = DuckDbSql.List(files.Select(file => file.Path));
        return duckDb.Count(
            $"SELECT coalesce(sum({CarriedColumn.StandsFor}), 0)::BIGINT FROM read_parquet({paths})", cancellationToken);
    }

    private int GroupOf(string key) => int.Parse(key[Folder.Length..].Split('/')[0], CultureInfo.InvariantCulture);

    // Spark's own marks and unfinished files begin otherwise.
    private static bool IsOfSpark(string key) =>
        key.EndsWith(".parquet", StringComparison.Ordinal) && key.Split('/')[^2..] is [[>= '0' and <= '9', ..], [not ('_' or '.'), ..]];

    private static Dictionary<string, long> Rows(DuckDbConnection duckDb, IReadOnlyList<FetchedFile> files)
    {
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        using var result = duckDb.Query(
            $"SELECT file_name, num_rows FROM parquet_file_metadata({DuckDbSql.List(files.Select(file => file.Path))})");
        while (result.Next(out var chunk))
            for (var row = 0; row < chunk.Rows; row++)
                rows[chunk[0].Text(row)!] = chunk[1].Get<long>(row);
        return rows;
    }
}
