using CdcDms.Contract;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Copying;
using CdcDms.Pipeline.Target;

namespace CdcDms.Pipeline.Changes;

/// <summary>A replicated column in the staging table.</summary>
/// <param name="Target">Where it goes.</param>
/// <param name="Name">Its name in the staging table: ours, so that no source name can collide with our own columns.</param>
/// <param name="Type">How it gets there.</param>
internal sealed record StagedColumn(TargetColumn Target, string Name, StagedType Type);

/// <summary>
/// The changes of files with the same columns, reduced to the last change of each key and ordered by key.
/// Ordered, because PostgreSQL then walks its index instead of jumping in it, and two batches lock rows in one order.
/// </summary>
internal sealed class ChangeSet
{
    private readonly DuckDbConnection _duckDb;
    private readonly ChangeQuery _query;

    private ChangeSet(DuckDbConnection duckDb, ChangeQuery query, IReadOnlyList<StagedColumn> columns)
    {
        _duckDb = duckDb;
        _query = query;
        Columns = columns;
    }

    /// <summary>The replicated columns that the files have.</summary>
    public IReadOnlyList<StagedColumn> Columns { get; }

    /// <summary>Rows in the files.</summary>
    public required long Read { get; init; }

    /// <summary>Rows followed by a later change of the same key.</summary>
    public required long Superseded { get; init; }

    /// <summary>Commit time of the newest change, UTC; null when no row has one.</summary>
    public required DateTime? LastCommitUtc { get; init; }

    /// <summary>Reads what the reduction needs: keys, operations, versions.</summary>
    /// <exception cref="CdcDmsException">A file lacks a column that it must have, or a row has no key, operation or version.</exception>
    public static ChangeSet Open(
        DuckDbConnection duckDb, IReadOnlyList<FetchedFile> files, ChangeKind kind, TargetTable target, CancellationToken cancellation)
    {
        try
        {
            var query = ChangeQuery.Of(duckDb, files, kind, target);
            long read;
            DateTime? lastCommitUtc;
            using (var counts = duckDb.Query(query.Check, cancellation))
            {
                counts.Next(out var chunk);
                read = chunk[0].Get<long>(0);
                lastCommitUtc = chunk[4].IsNull(0) ? null : DateTime.UnixEpoch.AddMicroseconds(chunk[4].Get<long>(0));
                query.RefuseBadRows(keyless: chunk[1].Get<long>(0), unversioned: chunk[2].Get<long>(0), unknown: chunk[3].Get<long>(0));
            }

            duckDb.Execute(query.Reduce, cancellation);
            var superseded = duckDb.Count(ChangeQuery.CountSuperseded, cancellation);
            using var shape = duckDb.Query(query.Rows(all: false) + " LIMIT 0", cancellation);
            var columns = query.Columns.Select((column, index) => new StagedColumn(column, $"c{index}", query.Staged(shape.Columns[index]))).ToList();
            return new ChangeSet(duckDb, query, columns) { Read = read, Superseded = superseded, LastCommitUtc = lastCommitUtc };
        }
        catch (DuckDbException fault)
        {
            throw FetchedFile.Unreadable(files, fault);
        }
    }

    /// <summary>Writes the reduced rows: the columns, then deleted, version and commit time.</summary>
    /// <returns>Rows written.</returns>
    public long WriteTo(Stream stream, IReadOnlyList<FetchedFile> files, CancellationToken cancellation)
    {
        try
        {
            using var result = _duckDb.Query(_query.Rows(all: Superseded == 0), cancellation);
            var writers = result.Columns.Select(column => _query.Staged(column).Write).ToArray();
            var buffer = new CopyBuffer(stream);
            long rows = 0;
            buffer.Begin();
            var vectors = new DuckDbVector[writers.Length];
            while (result.Next(out var chunk))
            {
                for (var column = 0; column < vectors.Length; column++)
                    vectors[column] = chunk[column];
                for (var row = 0; row < chunk.Rows; row++)
                {
                    buffer.Row(writers.Length);
                    for (var column = 0; column < writers.Length; column++)
                    {
                        if (vectors[column].IsNull(row))
                            buffer.Null();
                        else
                            writers[column](buffer, in vectors[column], row);
                    }
                }

                rows += chunk.Rows;
            }

            buffer.End();
            return rows;
        }
        catch (DuckDbException fault)
        {
            throw FetchedFile.Unreadable(files, fault);
        }
    }
}
