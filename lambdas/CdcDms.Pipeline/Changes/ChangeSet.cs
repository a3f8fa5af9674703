using System.Globalization;
using CdcDms.Contract.Changes;
using CdcDms.DuckDb;
using CdcDms.Pipeline.BinaryCopy;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Changes;

/// <summary>
/// The changes of files with the same columns. Each part of them is reduced to the last change of each key and, unless rows are wide,
/// ordered by key: PostgreSQL then walks its index instead of jumping in it, and two batches lock rows in one order.
/// </summary>
internal sealed class ChangeSet
{
    private readonly ChangeWorkspace _workspace;
    private readonly ChangeQuery _query;

    private ChangeSet(ChangeWorkspace workspace, ShapedFiles files, ChangeQuery query)
    {
        (_workspace, Files, _query) = (workspace, files, query);
        var columns = string.Join(", ", query.Columns.Select(query.Readable));
        using var shape = workspace.Connection.Query($"SELECT {columns} FROM {query.Source} LIMIT 0");
        Columns = [.. query.Columns.Select((column, index) => Describe(column, shape.Columns[index], index))];
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
    public static ChangeSet Open(
        ChangeWorkspace workspace,
        ShapedFiles files,
        ChangeKind kind,
        TargetTable target,
        bool readsText,
        CancellationToken cancellationToken)
    {
        var query = new ChangeQuery(files, kind, target, readsText);
        try
        {
            using var counts = workspace.Connection.Query(query.Check, cancellationToken);
            counts.Next(out var chunk);
            var (read, malformed, lastCommit, newest) = (chunk[0], chunk[1], chunk[2], chunk[3]);
            if (malformed.Get<long>(0) > 0)
                query.LeaveFaultsOut();
            return new ChangeSet(workspace, files, query)
            {
                Read = read.Get<long>(0),
                Malformed = malformed.Get<long>(0),
                LastCommitUtc = lastCommit.IsNull(0) ? null : DateTime.UnixEpoch.AddMicroseconds(lastCommit.Get<long>(0)),
                NewestVersion = newest.Text(0) is { } digits
                    ? ChangeVersion.From(Int128.Parse(digits, CultureInfo.InvariantCulture))
                    : default,
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
            {
                var values = columns.Select(column => column[row]).ToList();
                rows.Add(new MalformedRow(Fault: values[0]!, Operation: values[1], CommittedAt: values[2], Values: values[3..]));
            }
        }

        return rows;
    }

    /// <summary>The names of the files' columns, in the order of <see cref="MalformedRow.Values"/>.</summary>
    public IReadOnlyList<string> FileColumns => [.. Files.Types.Keys];

    /// <summary>Reduces a part to the last change of each key.</summary>
    /// <returns>Rows that are left, and rows followed by a later change of the same key.</returns>
    public (long Kept, long Superseded) Reduce(ChangePart part, CancellationToken cancellationToken)
    {
        try
        {
            _workspace.Connection.Execute(_query.Reduce(part), cancellationToken);
            var kept = _workspace.Connection.Count(ChangeQuery.CountKept, cancellationToken);
            var superseded = _workspace.Connection.Count(ChangeQuery.CountSuperseded, cancellationToken);
            return (kept, superseded);
        }
        catch (DuckDbException fault)
        {
            throw _workspace.Explain(Files.Files, fault);
        }
    }

    /// <summary>
    /// Writes the rows of a part that was reduced just before: the columns, the registers' versions, then deleted, version and commit time.
    /// </summary>
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
                    WriteRow(buffer, writers, vectors, row);
            }

            buffer.End();
        }
        catch (DuckDbException fault)
        {
            throw _workspace.Explain(Files.Files, fault);
        }
    }

    private static void WriteRow(CopyBuffer buffer, FieldWriter[] writers, DuckDbVector[] vectors, int row)
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

    private StagedColumn Describe(TargetColumn column, DuckDbColumn staged, int index)
    {
        var register = _query.RegisterOf(column);
        return new StagedColumn(column, $"c{index}", Staged(staged).PostgresType, register is null ? null : $"r{register}");
    }

    private StagedType Staged(DuckDbColumn column)
    {
        if (StagedType.Of(column) is { } staged)
            return staged;
        var reason = ExpectedFiles.Unread(column.Name, column.Type.ToString());
        throw new RejectedFilesException([.. Files.Files.Select(file => new RejectedFile(file.Object, reason))]);
    }

    private static List<string?> Texts(DuckDbVector column, int rows) => [.. Enumerable.Range(0, rows).Select(row => column.Text(row))];
}
