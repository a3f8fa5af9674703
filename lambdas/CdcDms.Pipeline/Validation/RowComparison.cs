using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>
/// Compares two tables row by row, in passes. The first sums both up in buckets of keys, inside PostgreSQL. If the sums of some buckets
/// differ, the second reads two hashes of each row in these, and joins both sides by key. The third reads the rows that differ.
/// </summary>
/// <param name="source">The source database.</param>
/// <param name="target">The analytics database.</param>
/// <param name="table">The definition.</param>
/// <param name="limits">What bounds the comparison.</param>
/// <param name="withValues">Whether values are told.</param>
/// <param name="rows">Reports the rows that are read.</param>
/// <param name="settled">The marker of which the source must know in each statement; null for none.</param>
internal sealed class RowComparison(
    NpgsqlConnection source,
    NpgsqlConnection target,
    TableDefinition table,
    ScanLimits limits,
    bool withValues,
    ReadRows rows,
    SettledMarker? settled)
{
    // hash_record_extended came with PostgreSQL 14.
    private const int HashesRecords = 14;
    private const int Attempts = 3;

    // Moving a row from one process to another costs little beside hashing the row: so PostgreSQL uses as many processors as it may.
    private const string Session = "SET parallel_tuple_cost = 0";

    /// <summary>Compares; begins anew when a table was rewritten or emptied meanwhile.</summary>
    /// <exception cref="CdcDmsException">That happened again and again.</exception>
    public async Task<TableComparison> RunAsync(ComparedTables tables, CancellationToken cancellationToken)
    {
        foreach (var connection in (NpgsqlConnection[])[source, target])
            await connection.ExecuteAsync(Session, cancellationToken);
        var (sourceValues, targetValues) = await ComparedValues.FindAsync(source, target, tables, cancellationToken);
        var hashesRecords = limits.MayHashRecords
            && Math.Min(source.PostgreSqlVersion.Major, target.PostgreSqlVersion.Major) >= HashesRecords;
        ScanSql SqlOf(IReadOnlyList<ComparedValue> values, string? condition) => new(values, condition, limits.Buckets, hashesRecords);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var sourceSide = new ComparedSide(
                await TableScan.BeginAsync(source, tables.Source, settled, cancellationToken), sourceValues, SqlOf(sourceValues, null));
            var targetSide = new ComparedSide(
                await TableScan.BeginAsync(target, tables.Target, settled: null, cancellationToken), targetValues,
                SqlOf(targetValues, tables.TargetCondition));
            try
            {
                var found = await CompareAsync(sourceSide, targetSide, tables, cancellationToken);
                if (!await sourceSide.Scan.IsOutdatedAsync(cancellationToken) && !await targetSide.Scan.IsOutdatedAsync(cancellationToken))
                    return found with { Missing = tables.Missing };
            }
            catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.UndefinedTable && attempt + 1 < Attempts)
            {
                // A partition that was dropped before its turn.
            }
        }

        throw new CdcDmsException(
            ErrorKind.Conflict,
            $"{table.Source} was not compared with {table.Target}: each time, one of them was rewritten or emptied meanwhile (VACUUM FULL, "
            + "TRUNCATE, ALTER TABLE, or a partition that came or went); compare while nobody does that.");
    }

    private async Task<TableComparison> CompareAsync(
        ComparedSide sourceSide, ComparedSide targetSide, ComparedTables tables, CancellationToken cancellationToken)
    {
        var (sourceSums, targetSums) = await BothSides.RunAsync(
            cancel => SumAsync(sourceSide, (now, read) => now with { Source = read }, cancel),
            cancel => SumAsync(targetSide, (now, read) => now with { Target = read }, cancel),
            cancellationToken);
        var buckets = sourceSums.Compare(targetSums);
        if (buckets.Rows == 0)
            return Result(sourceSums.Rows, targetSums.Rows, new RowJoin(0), tables.Missing, []);

        rows.Report(now => now with { Differs = true });
        var (join, sourceRows, targetRows) = await JoinAsync(sourceSide, targetSide, buckets, cancellationToken);
        var (columns, differences) = await new DifferenceReader(sourceSide, targetSide, limits.ToldRows, withValues).ReadAsync(
            join.Kept, cancellationToken);
        return Result(
            buckets.EqualRows + sourceRows, buckets.EqualRows + targetRows, join, [.. columns, .. tables.Missing], differences);
    }

    private async Task<BucketSums> SumAsync(
        ComparedSide side, Func<ComparisonProgress, RowsRead, ComparisonProgress> report, CancellationToken cancellationToken)
    {
        var sums = new BucketSums(limits.Buckets);
        var expected = rows.AreWanted ? await side.Scan.ExpectedRowsAsync(cancellationToken) : 0;
        void Report() => rows.Report(now => report(now, new RowsRead(sums.Rows, expected)));
        Report();
        await side.Scan.SumAsync(side.Sql, side.Values, sums, limits.RangeBytes, Report, cancellationToken);
        return sums;
    }

    private async Task<(RowJoin Join, long SourceRows, long TargetRows)> JoinAsync(
        ComparedSide sourceSide, ComparedSide targetSide, DifferentBuckets buckets, CancellationToken cancellationToken)
    {
        using var folder = WorkFolder.Create();
        var parts = RowHashFiles.PartsFor(buckets.Rows, limits.JoinedRows);
        using var sourceFiles = new RowHashFiles(folder, "source", parts);
        using var targetFiles = new RowHashFiles(folder, "target", parts);
        await BothSides.RunAsync(
            cancel => ReadAsync(sourceSide, buckets, sourceFiles, cancel),
            cancel => ReadAsync(targetSide, buckets, targetFiles, cancel),
            cancellationToken);
        var join = new RowJoin(limits.ExaminedRows);
        var (sourceRows, targetRows) = (0L, 0L);
        for (var part = 0; part < parts; part++)
        {
            var (ofSource, ofTarget) = (sourceFiles.Read(part), targetFiles.Read(part));
            join.Add(ofSource, ofTarget);
            (sourceRows, targetRows) = (sourceRows + ofSource.Length, targetRows + ofTarget.Length);
        }

        return (join, sourceRows, targetRows);
    }

    private static async Task<bool> ReadAsync(
        ComparedSide side, DifferentBuckets buckets, RowHashFiles files, CancellationToken cancellationToken)
    {
        await side.Scan.ReadHashesAsync(side.Sql, buckets.Bits, files.Add, cancellationToken);
        return true;
    }

    private TableComparison Result(
        long sourceRows, long targetRows, RowJoin join, IReadOnlyList<string> columns, IReadOnlyList<RowDifference> differences) => new(
            new ValidateOutput
            {
                Table = table.Source.ToString(),
                SourceRows = sourceRows,
                TargetRows = targetRows,
                Missing = join.Count(DifferenceKind.Missing),
                Extra = join.Count(DifferenceKind.Extra),
                Changed = join.Count(DifferenceKind.Changed),
                DifferentColumns = columns,
            },
            differences);
}
