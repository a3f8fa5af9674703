using System.Globalization;
using System.Text;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Markers;

/// <summary>Reads markers out of the CDC files of <see cref="MarkerTable"/>.</summary>
internal static class MarkerFiles
{
    // A marker is a row that is inserted; its removal a month later says nothing. Only a stream's files know shards.
    private const string Rows =
        """
        SELECT number, sequence, interval_seconds, epoch_us(committed_at), id::VARCHAR, shard, shards, shard_list FROM (
            SELECT TRY_CAST({0} AS BIGINT) AS number, TRY_CAST({6} AS UUID) AS id, {1}::VARCHAR AS sequence,
                TRY_CAST({2} AS INTEGER) AS interval_seconds, TRY_CAST({3}::VARCHAR AS TIMESTAMP) AS committed_at,
                {7}::VARCHAR AS shard, TRY_CAST({8} AS INTEGER) AS shards, {9}::VARCHAR AS shard_list
            FROM (
                SELECT * FROM read_parquet({4}, hive_partitioning = false)
                UNION ALL BY NAME SELECT NULL AS {7}, NULL AS {8}, NULL AS {9} WHERE false)
            WHERE {5} = 'I')
        WHERE number IS NOT NULL AND id IS NOT NULL AND committed_at IS NOT NULL AND interval_seconds > 0
            AND regexp_full_match(sequence, '[0-9]{{35}}')
            AND (shard_list IS NULL OR shard IS NOT NULL AND shards IS NOT NULL)
        """;

    private static readonly CompositeFormat RowsFormat = CompositeFormat.Parse(Rows);

    /// <summary>The markers in a file.</summary>
    /// <exception cref="DuckDbException">The file cannot be read, or lacks a column.</exception>
    public static List<Marker> Read(DuckDbConnection connection, FetchedFile file, int generation)
    {
        var sql = string.Format(
            CultureInfo.InvariantCulture,
            RowsFormat,
            DuckDbSql.Identifier(MarkerTable.Number),
            DuckDbSql.Identifier(ChangeColumns.Sequence),
            DuckDbSql.Identifier(MarkerTable.IntervalSeconds),
            DuckDbSql.Identifier(ChangeColumns.Timestamp),
            DuckDbSql.Literal(file.Path),
            DuckDbSql.Identifier(ChangeColumns.Operation),
            DuckDbSql.Identifier(MarkerTable.Id),
            DuckDbSql.Identifier(MarkerTable.Shard),
            DuckDbSql.Identifier(MarkerTable.Shards),
            DuckDbSql.Identifier(MarkerTable.ShardList));
        var markers = new List<Marker>();
        using var result = connection.Query(sql);
        while (result.Next(out var chunk))
            for (var row = 0; row < chunk.Rows; row++)
                markers.Add(new Marker(
                    chunk[0].Get<long>(row),
                    Guid.Parse(chunk[4].Text(row)!),
                    new ChangeVersion(generation, ChangeSequence.From(Int128.Parse(chunk[1].Text(row)!, CultureInfo.InvariantCulture))),
                    DateTime.UnixEpoch.AddMicroseconds(chunk[3].Get<long>(row)),
                    chunk[2].Get<int>(row),
                    file.Object,
                    PassageOf(chunk, row)));
        return markers;
    }

    private static ShardPassage? PassageOf(DuckDbChunk chunk, int row) => chunk[7].Text(row) is { } list
        ? new ShardPassage(chunk[5].Text(row)!, chunk[6].Get<int>(row), list)
        : null;
}
