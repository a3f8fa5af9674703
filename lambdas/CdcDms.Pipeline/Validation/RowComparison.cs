using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>
/// Compares two tables row by row, in passes. The first sums both up in buckets of keys, inside PostgreSQL. If the sums of some buckets
/// differ, the second reads two hashes of each row in these, and joins both sides by key. The third reads the rows that differ.
/// </summary>
/// <param name="tables">The tables.</param>
/// <param name="table">The definition.</param>
/// <param name="limits">What bounds the comparison.</param>
/// <param name="withValues">Whether values are told.</param>
/// <param name="rows">Reports the rows that are read.</param>
internal sealed class RowComparison(TablePair tables, TableDefinition table, ScanLimits limits, bool withValues, ReadRows rows)
{
    /// <summary>So often a comparison begins before it is given up.</summary>
    public const int Attempts = 3;

    /// <summary>Compares; begins anew when a table was rewritten or emptied meanwhile.</summary>
    /// <exception cref="CdcDmsException">That happened again and again.</exception>
    public async Task<TableComparison> RunAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var sides = await tables.BeginAsync(
                new PlainReads(), () => Task.FromResult<IRowReads>(new PlainReads()), cancellationToken);
            try
            {
                var found = await CompareAsync(sides, cancellationToken);
                if (!await sides.AreOutdatedAsync(cancellationToken))
                    return found with { Missing = tables.Tables.Missing };
            }
            catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.UndefinedTable && attempt + 1 < Attempts)
            {
                // A partition that was dropped before its turn.
            }
        }

        throw Rewritten(table);
    }

    /// <summary>What is wrong with tables that are rewritten each time. It was tried often enough: nothing tries again by itself.</summary>
    public static CdcDmsException Rewritten(TableDefinition table) => new(
        ErrorKind.BadData,
        $"{table.Source} was not compared with {table.Target}: each time, one of them was rewritten or emptied meanwhile (VACUUM FULL, "
        + "TRUNCATE, ALTER TABLE, or a partition that came or went); compare while nobody does that.");

    private async Task<TableComparison> CompareAsync(ComparisonSides sides, CancellationToken cancellationToken)
    {
        var sums = (Source: new BucketSums(sides.Buckets), Target: new BucketSums(sides.Buckets));
        await sides.SumAsync(sums, ScanPace.Unbounded, rows, cancellationToken);
        var buckets = sums.Source.Compare(sums.Target, 0, mostRows: long.MaxValue);
        var missing = tables.Tables.Missing;
        if (buckets.Rows == 0)
            return Result(sums.Source.Rows, sums.Target.Rows, new RowJoin(0), missing, []);

        rows.Report(now => now with { Differs = true });
        sides.Rewind();
        var (join, sourceRows, targetRows) = await JoinAsync(sides, buckets, cancellationToken);
        var (columns, differences) = await new DifferenceReader(
            sides.Source, sides.Target, buckets.Bits, limits.ToldRows, withValues).ReadAsync(join.Kept, cancellationToken);
        return Result(buckets.EqualRows + sourceRows, buckets.EqualRows + targetRows, join, [.. columns, .. missing], differences);
    }

    private async Task<(RowJoin Join, long SourceRows, long TargetRows)> JoinAsync(
        ComparisonSides sides, DifferentBuckets buckets, CancellationToken cancellationToken)
    {
        using var hashes = new RowHashPair(buckets, limits);
        await sides.ReadHashesAsync(buckets.Bits, hashes, ScanPace.Unbounded, cancellationToken);
        var join = new RowJoin(limits.ExaminedRows);
        var (sourceRows, targetRows) = join.Add(hashes);
        return (join, sourceRows, targetRows);
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
