using System.Globalization;
using CdcDms.Contract.Changes;
using CdcDms.DuckDb;
using CdcDms.Pipeline.BinaryCopy;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Changes;

/// <summary>
/// The changes of files with the same columns. Each part of them is reduced to the last change of each key and, unless rows are wide, ordered by key:
/// PostgreSQL then walks its index instead of jumping in it, and two batches lock rows in one order.
/// </summary>
internal sealed class ChangeSet
{
    private readonly ChangeWorkspace _workspace;
    private readonly ChangeQuery _query;

    private ChangeSet(ChangeWorkspace workspace, ShapedFiles files, ChangeQuery query)
    {
        (_workspace, Files, _query) = (workspace, files, query);
        var registers = query.Registers.ToList();
        using var shape = workspace.Connection.Query($"SELECT {string.Join(", ", query.Columns.Select(query.Readable))} FROM {query.Source} LIMIT 0");
        Columns = [.. query.Columns.Select((column, index) => new StagedColumn(
            column, $"c{index}", Staged(shape.Columns[index]).PostgresType, registers.IndexOf(column) is var register and >= 0 ? $"r{register}" : null))];
    }

    /// <summary>The files.</summary>
    public ShapedFiles Files { get; }

    /// <summary>The replicated columns that the files have.</summary>
    public IReadOnlyList<StagedColumn> Columns { get; }

    /// <summary>Rows in the files.</summary>
    public required long Read { get; init; }

    /// <summary>Rows that cannot be ordered or told apart; they are in no part.</summary>
    public required long Malformed { get; init; }

    /// <summary>Commit time of the newest change, UTC; null when no row has one.</summary>
    public required DateTime? LastCommitUtc { get; init; }

    /// <summary>The newest version.</summary>
    public required ChangeVersion NewestVersion { get; init; }

    /// <summary>Looks through the changes once.</summary>
    /// <exception cref="RejectedFilesException">A file cannot be read.</exception>
    public static ChangeSet Open(ChangeWorkspace workspace, ShapedFiles files, ChangeKind kind, TargetTable target, bool readsText, CancellationToken cancellationToken)
    {
        var query = new ChangeQuery(files, kind, target, readsText);
        try
        {
            using var counts = workspace.Connection.Query(query.Check, cancellationToken);
            counts.Next(out var chunk);
            var malformed = chunk[1].Get<long>(0);
            if (malformed > 0)
                query.LeaveFaultsOut();
            return new ChangeSet(workspace, files, query)
            {
                Read = chunk[0].Get<long>(0),
                Malformed = malformed,
                LastCommitUtc = chunk[2].IsNull(0) ? null : DateTime.UnixEpoch.AddMicroseconds(chunk[2].Get<long>(0)),
                NewestVersion = chunk[3].Text(0) is { } newest ? ChangeVersion.From(Int128.Parse(newest, CultureInfo.InvariantCulture)) : default,
            };
        }
        catch (DuckDbException fault)
        {
            throw workspace.Explain(files.Files, fault);
        }
    }

    /// <summary>The rows that cannot be ordered or told apart.</summary>
    /// <param name="limit">At most this many.</param>
    public IReadOnlyList<MalformedRow> MalformedRows(int limit)
    {
        using var result = _workspace.Connection.Query(_query.Malformed(limit));
        var rows = new List<MalformedRow>();
        while (result.Next(out var chunk))
        {
            var columns = Enumerable.Range(0, result.Columns.Count).Select(index => Texts(chunk[index], chunk.Rows)).ToList();
            for (var row = 0; row < chunk.Rows; row++)
                rows.Add(new MalformedRow(columns[0][row]!, columns[1][row], columns[2][row], [.. columns.Skip(3).Select(column => column[row])]));
        }

        return rows;
    }

    /// <summary>The names of the files' columns, with their types there.</summary>
    public IReadOnlyList<string> FileColumns => [.. Files.Types.Keys];

    /// <summary>Reduces a part to the last change of each key.</summary>
    /// <returns>Rows that are left, and rows followed by a later change of the same key.</returns>
    public (long Kept, long Superseded) Reduce(ChangePart part, CancellationToken cancellationToken)
    {
        try
        {
            _workspace.Connection.Execute(_query.Reduce(part), cancellationToken);
            return (_workspace.Connection.Count(ChangeQuery.CountKept, cancellationToken), _workspace.Connection.Count(ChangeQuery.CountSuperseded, cancellationToken));
        }
        catch (DuckDbException fault)
        {
            throw _workspace.Explain(Files.Files, fault);
        }
    }

    /// <summary>Writes the rows of a part that was reduced just before: the columns, the registers' versions, then deleted, version and commit time.</summary>
    /// <param name="part">The part.</param>
    /// <param name="all">True when no row of it is superseded.</param>
    /// <param name="stream">PostgreSQL's binary COPY.</param>
    public void WriteTo(Stream stream, ChangePart part, bool all, CancellationToken cancellationToken)
    {
        try
        {
            _workspace.Connection.Execute(Files.AreWide ? "SET threads = 1" : "RESET threads", cancellationToken);
            using var result = _workspace.Connection.Query(_query.Rows(part, all), cancellationToken);
            var writers = result.Columns.Select(column => Staged(column).Write).ToArray();
            var buffer = new CopyBuffer(stream);
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
            }

            buffer.End();
        }
        catch (DuckDbException fault)
        {
            throw _workspace.Explain(Files.Files, fault);
        }
    }

    private StagedType Staged(DuckDbColumn column) => StagedType.Of(column)
        ?? throw new RejectedFilesException([.. Files.Files.Select(file => new RejectedFile(
            file.Object, $"the column {column.Name} has the Parquet type {column.Type}, which DMS does not write"))]);

    private static List<string?> Texts(DuckDbVector column, int rows) => [.. Enumerable.Range(0, rows).Select(row => column.Text(row))];
}
