using System.Globalization;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Pipeline.Spark;

/// <summary>
/// Does with DuckDB what the Spark job does, where there is no Spark: the same plan, the same SQL, files of the same form under the same
/// names.
/// </summary>
/// <param name="lake">The lake.</param>
/// <param name="memoryMegabytes">Memory for the reduction before it spills to disk.</param>
public sealed class SparkStandIn(LakeReader lake, int memoryMegabytes = 512)
{
    // Spark writes several as well, and a merge may take one without the others.
    private const int FilesOfGroup = 2;

    /// <summary>Reduces what a plan says.</summary>
    /// <param name="address">The plan's address.</param>
    /// <returns>How many changes were read, and how many are left.</returns>
    /// <exception cref="CdcDmsException">The plan or a file of it cannot be read.</exception>
    public async Task<(long Read, long Left)> RunAsync(string address, CancellationToken cancellationToken)
    {
        var key = lake.Lake.KeyOf(address);
        var text = await lake.ListAsync(key, startAfter: null, cancellationToken).FirstOrDefaultAsync(cancellationToken)
            ?? throw new CdcDmsException(ErrorKind.Conflict, $"There is no plan {address}; run the workflow again.");
        var plan = JsonSerializer.Deserialize(await lake.TextAsync(text, cancellationToken), ContractJson.Default.SparkPlan)!;
        var files = plan.Files.ToDictionary(file => lake.Lake.Address(file.Key));
        var left = 0L;
        using var workspace = new ChangeWorkspace(memoryMegabytes);
        foreach (var group in plan.Groups)
        {
            var fetched = await workspace.FetchAsync(lake, [.. group.Files.Select(file => files[file])], cancellationToken);
            left += await ReduceAsync(workspace, group, fetched, cancellationToken);
            FetchedFile.Remove(fetched);
        }

        return (plan.Groups.Sum(group => group.Rows), left);
    }

    private async Task<long> ReduceAsync(
        ChangeWorkspace workspace, SparkGroup group, IReadOnlyList<FetchedFile> files, CancellationToken cancellationToken)
    {
        var (duckDb, paths) = (workspace.Connection, DuckDbSql.List(files.Select(file => file.Path)));
        var carried = group.Columns.Select((column, index) =>
            $"{CarriedType.Of(column).Carry(DuckDbSql.Identifier(column.Name))} AS {CarriedType.Name(index)}");
        duckDb.Execute(
            $"CREATE OR REPLACE TEMP VIEW {SparkSql.Changes} AS SELECT {string.Join(", ", carried)}"
            + $" FROM read_parquet({paths}, hive_partitioning = false)", cancellationToken);
        duckDb.Execute($"CREATE OR REPLACE TEMP TABLE kept AS {group.Sql}", cancellationToken);
        var folder = lake.Lake.KeyOf(group.Output);
        for (var part = 0; part < FilesOfGroup; part++)
        {
            var path = $"{files[0].Path}.{part.ToString(CultureInfo.InvariantCulture)}";
            duckDb.Execute(
                $"COPY (SELECT * FROM kept WHERE rowid % {FilesOfGroup} = {part}) TO {DuckDbSql.Literal(path)} (FORMAT parquet)",
                cancellationToken);
            var key = string.Create(CultureInfo.InvariantCulture, $"{folder}part-{part:D5}.parquet");
            await lake.PutFileAsync(key, path, cancellationToken);
            File.Delete(path);
        }

        return duckDb.Count("SELECT count(*) FROM kept", cancellationToken);
    }
}
