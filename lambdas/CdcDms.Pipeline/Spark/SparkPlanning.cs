using System.Text.Json;
using System.Text.RegularExpressions;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Spark;

/// <summary>Plans which waiting changes Spark reduces.</summary>
/// <param name="lake">The lake.</param>
/// <param name="session">The table.</param>
/// <param name="memoryMegabytes">Memory for reading footers.</param>
internal sealed partial class SparkPlanning(LakeReader lake, TargetSession session, int memoryMegabytes)
{
    // Each group is a piece of work of its own for Spark.
    private const int MostGroups = 100;

    private readonly ChangeKind _kind = ChangeKind.Of(session.Table);

    /// <summary>Writes a plan into the lake, if there is enough for Spark.</summary>
    /// <param name="changes">The CDC files that wait.</param>
    /// <param name="choice">When changes are left to Spark.</param>
    /// <returns>The plan's address, and whether it leaves files out; or why there is none although there would be enough.</returns>
    public async Task<(string? Key, bool More, string? Fault)> WriteAsync(
        IReadOnlyList<LakeObject> changes, SparkChoice choice, CancellationToken cancellationToken)
    {
        if (choice.LeaveOut.Contains(session.Table.Source.ToString()))
            return default;
        // What is merged in part goes on as it began.
        var begun = await session.Ledger.Files.BegunAsync(changes, cancellationToken);
        var unbegun = changes.Where(file => !begun.ContainsKey(file)).ToList();
        var files = unbegun.Take(choice.MostFiles).ToList();
        if (files.Count == 0 || files.Sum(file => file.Bytes) < choice.FromBytes)
            return default;
        if (Fault(files) is { } fault)
            return (null, false, Told(fault));

        using var workspace = new ChangeWorkspace(memoryMegabytes);
        try
        {
            var shapes = await ShapesAsync(workspace, files, cancellationToken);
            var folder = lake.Lake.SparkPrefix(session.Table.Source, Guid.NewGuid());
            var groups = shapes.Where(shape => shape.HaveRows).Index()
                .Select(shape => Group(workspace.Connection, shape.Item, lake.Lake.Address(folder + SparkLeft.FolderOf(shape.Index))))
                .ToList();
            workspace.KeepDuckDb();
            if (groups.Count == 0)
                return default;
            if (groups.Count > MostGroups)
                return (null, false, Told(
                    $"the files change their columns {groups.Count} times, and a plan has {MostGroups} groups at most"));
            var plan = new SparkPlan
            {
                Table = session.Table.Source.ToString(),
                Key = Key,
                Files = files,
                Groups = groups,
            };
            var key = $"{folder}plan.json";
            await lake.PutTextAsync(key, JsonSerializer.Serialize(plan, ContractJson.Default.SparkPlan), cancellationToken);
            return (lake.Lake.Address(key), unbegun.Count > files.Count, null);
        }
        catch (NotFromSparkException unfit)
        {
            return (null, false, Told(unfit.Message));
        }
        catch (RejectedFilesException rejected)
        {
            return (null, false, Told($"{rejected.Files.Count} files cannot be read, which a merge rejects"));
        }
        // Functions merge without a plan, and tell what is wrong if it concerns them, too.
        catch (DuckDbException unread)
        {
            return (null, false, Told($"the footers cannot be read ({FetchedFile.Told(unread)})"));
        }
        catch (IOException unwritten)
        {
            return (null, false, Told($"the footers cannot be kept ({unwritten.Message.TrimEnd('.')})"));
        }
    }

    private List<string> Key => [.. session.Target.Key.Select(column => column.From)];

    private string Told(string fault) => $"The changes of {session.Table.Source} are not left to Spark: {fault}.";

    private string? Fault(List<LakeObject> files) =>
        SparkFit.Fault(session.Table)
        ?? (session.Target.HasRegisters ? "its target has columns of other versions than their row" : null)
        ?? (files.FirstOrDefault(file => !PlainKey().IsMatch(file.Key)) is { } odd
            ? $"Spark takes names of files for patterns, and {odd.Key} has other characters than letters, digits and . _ - / ="
            : null);

    private async Task<IReadOnlyList<ShapedFiles>> ShapesAsync(
        ChangeWorkspace workspace, IReadOnlyList<LakeObject> files, CancellationToken cancellationToken)
    {
        var footers = workspace.Places(files);
        await SparseFiles.FetchFootersAsync(lake, footers, cancellationToken);
        return workspace.GroupByColumns(footers, ExpectedFiles.Of(session, lake.Lake, _kind));
    }

    private SparkGroup Group(DuckDbConnection duckDb, ShapedFiles shape, string output)
    {
        var stored = PhysicalTypes(duckDb, shape.Files[0]);
        var columns = shape.Types.Select(column => new SparkColumn
        {
            Name = column.Key,
            Type = column.Value,
            Stored = stored[column.Key],
        }).ToList();
        var names = columns.Select(column => column.Name).ToList();
        return new SparkGroup
        {
            Generation = shape.Generation,
            Rows = shape.Rows.Sum(),
            BytesPerRow = shape.BytesPerRow,
            Columns = columns,
            Files = [.. shape.Files.Select(file => lake.Lake.Address(file.Object.Key))],
            Schema = SparkSql.Schema(columns.Select(column => (column.Name, CarriedType.Of(column).Spark))),
            Sql = SparkSql.Reduce(names, Key, shape.Types),
            Output = output,
        };
    }

    // Fields of a list or a struct have names as well, but no type of such a column crosses Spark.
    private static Dictionary<string, string> PhysicalTypes(DuckDbConnection duckDb, FetchedFile file)
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        using var result = duckDb.Query($"SELECT name, coalesce(type, '') FROM parquet_schema({DuckDbSql.Literal(file.Path)}) OFFSET 1");
        while (result.Next(out var chunk))
            for (var row = 0; row < chunk.Rows; row++)
                types[chunk[0].Text(row) ?? ""] = chunk[1].Text(row)!;
        return types;
    }

    [GeneratedRegex("^[A-Za-z0-9._/=-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex PlainKey();
}
