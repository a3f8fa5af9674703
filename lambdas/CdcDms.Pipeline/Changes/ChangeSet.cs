using System.Globalization;
using CdcDms.Contract.Changes;
using CdcDms.DuckDb;
using CdcDms.Pipeline.BinaryCopy;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Changes;

/// <summary>
/// The changes of files with the same columns. Each part of them is reduced to the last change of each key and, unless rows are wide,
/// ordered by key: PostgreSQL then walks its index instead of jumping in it, and two batches lock rows in one order. Rows that go straight
/// into the target are neither.
/// </summary>
internal sealed class ChangeSet
{
    private readonly ChangeWorkspace _workspace;
    private readonly RowSql _row;
    private readonly ChangeQuery _query;
    private readonly Reduction _reduction;
    private readonly FieldWriter?[] _straight;

    private ChangeSet(
        ChangeWorkspace workspace, ShapedFiles files, RowSql row, ChangeQuery query, string source, CancellationToken cancellationToken)
    {
        (_workspace, Files, _row, _query) = (workspace, files, row, query);
        _reduction = new Reduction(workspace.Connection, row, source);
        var columns = string.Join(", ", row.Columns.Select(row.Readable));
        using var shape = workspace.Connection.Query($"SELECT {columns} FROM {source} LIMIT 0", cancellationToken);
        Columns = [.. row.Columns.Select((column, index) => Describe(column, shape.Columns[index], index))];
        _straight = [.. row.Columns.Select((column, index) => StraightForm.Writer(Staged(shape.Columns[index]), column.Type))];
    }

    /// <summary>The files.</summary>
    public ShapedFiles Files { get; }

    /// <summary>The replicated columns that the files have.</summary>
    public IReadOnlyList<StagedColumn> Columns { get; }

    /// <summary>Whether the target itself takes the columns as they are in the files, without a cast.</summary>
    public bool FitsTarget => Array.TrueForAll(_straight, writer => writer is not null);

    /// <summary>Changes: the rows in the files, and those that Spark has left out of them.</summary>
    public required long Read { get; init; }

    /// <summary>Changes that Spark has left out, each followed by a later one of the same key.</summary>
    public required long LeftOut { get; init; }

    /// <summary>Rows that cannot be ordered or told apart; they are in no part.</summary>
    public required long Malformed { get; init; }

    /// <summary>Updates that gave a row another key.</summary>
    public required long Moved { get; init; }

    /// <summary>Deletes.</summary>
    public required long Deletes { get; init; }

    /// <summary>Commit time of the newest change, UTC; null when no row has one.</summary>
    public required DateTime? LastCommitUtc { get; init; }

    /// <summary>The newest version.</summary>
    public required ChangeVersion NewestVersion { get; init; }

    /// <summary>Looks through the changes once. Where they fit into memory, the files are read then, and not again.</summary>
    /// <param name="careful">Whether to look for values that PostgreSQL cannot hold; their rows count as malformed.</param>
    /// <exception cref="RejectedFilesException">A file cannot be read.</exception>
    public static ChangeSet Open(
        ChangeWorkspace workspace,
        ShapedFiles files,
        ChangeKind kind,
        TargetTable target,
        bool careful,
        CancellationToken cancellationToken)
    {
        var row = new RowSql(files, kind, target, careful);
        var query = new ChangeQuery(files, kind, row, target.HasRegisters);
        try
        {
            var isHeld = files.FitInto(workspace.HeldBytes);
            if (isHeld)
                workspace.Connection.Execute(query.Hold, cancellationToken);
            var source = isHeld ? ChangeQuery.Held : query.Source;
            using var counts = workspace.Connection.Query(query.Check(source), cancellationToken);
            counts.Next(out var chunk);
            var (read, rows, malformed, lastCommit, newest) = (chunk[0], chunk[1], chunk[2], chunk[3], chunk[4]);
            var (moved, deletes) = (chunk[5], chunk[6]);
            if (malformed.Get<long>(0) > 0)
                row.LeaveFaultsOut();
            return new ChangeSet(workspace, files, row, query, source, cancellationToken)
            {
                Read = read.Get<long>(0),
                LeftOut = read.Get<long>(0) - rows.Get<long>(0),
                Malformed = malformed.Get<long>(0),
                Moved = moved.Get<long>(0),
                Deletes = deletes.Get<long>(0),
                LastCommitUtc = lastCommit.IsNull(0) ? null : DateTime.UnixEpoch.AddMicroseconds(lastCommit.Get<long>(0)),
                NewestVersion = newest.Text(0) is { } digits
                    ? new ChangeVersion(files.Generation, ChangeSequence.From(Int128.Parse(digits, CultureInfo.InvariantCulture)))
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
    public IReadOnlyList<MalformedRow> MalformedRows(int limit) =>
        Explained(() => MalformedRow.Read(_workspace.Connection, _query.Malformed(limit)));

    /// <summary>The names of the files' columns, in the order of <see cref="MalformedRow.Values"/>.</summary>
    public IReadOnlyList<string> FileColumns => [.. Files.Types.Keys];

    /// <inheritdoc cref="Reduction.Run"/>
    public ReducedChanges Reduce(ChangePart part, CancellationToken cancellationToken) =>
        Explained(() => _reduction.Run(part, cancellationToken));

    /// <summary>
    /// Reduces the changes that were left out of keys of which a change is refused: without that change, an older one counts.
    /// </summary>
    /// <param name="part">The part that was reduced last.</param>
    /// <param name="refused">The places of the refused changes.</param>
    public ReducedChanges ReduceNextOlder(ChangePart part, IEnumerable<long> refused, CancellationToken cancellationToken) =>
        Explained(() =>
        {
            _reduction.Follow(part, refused, cancellationToken);
            return _reduction.Run(part, cancellationToken);
        });

    /// <inheritdoc cref="Reduction.FollowNone"/>
    public void FollowNone() => _reduction.FollowNone();

    /// <summary>
    /// Writes the rows of a part that was reduced just before: the columns, whether a change says all of them where columns are registers,
    /// then deleted, version and commit time.
    /// </summary>
    /// <param name="part">The part.</param>
    /// <param name="all">True when no row of it is superseded.</param>
    /// <param name="numbered">Whether each row's place in the files comes last.</param>
    /// <param name="stream">PostgreSQL's binary COPY.</param>
    /// <returns>How many rows were written.</returns>
    public long WriteTo(Stream stream, ChangePart part, bool all, bool numbered, CancellationToken cancellationToken) =>
        Write(_query.Staged(part, _reduction.From, all ? _row.IsIn(part) : Reduction.IsKept, numbered), [], stream, cancellationToken);

    /// <summary>
    /// Writes all rows of a full load as the target has them, which <see cref="FitsTarget"/>: the columns, then version and commit time.
    /// </summary>
    /// <param name="stream">PostgreSQL's binary COPY.</param>
    /// <returns>How many rows were written.</returns>
    public long WriteStraightTo(Stream stream, CancellationToken cancellationToken) =>
        Write(_query.Straight(_reduction.From), _straight, stream, cancellationToken);

    // Columns without a writer in their place are written as their natural type.
    private long Write(string query, FieldWriter?[] first, Stream stream, CancellationToken cancellationToken) => Explained(() =>
    {
        _workspace.Connection.UseOneThread(Files.AreWide, cancellationToken);
        using var result = _workspace.Connection.Query(query, cancellationToken);
        return CopiedRows.Write(
            result,
            [.. result.Columns.Select((column, index) => first.ElementAtOrDefault(index) ?? Staged(column).Write)],
            stream);
    });

    /// <summary>What is left of a part that was reduced just before, as a query for its keys (<see cref="ChangeQuery.Keys"/>).</summary>
    public string KeysOf(ChangePart part) => _query.Keys(part, _reduction.From, Reduction.IsKept);

    private T Explained<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (DuckDbException fault)
        {
            throw _workspace.Explain(Files.Files, fault);
        }
    }

    private StagedColumn Describe(TargetColumn column, DuckDbColumn staged, int index) =>
        new(column, $"c{index}", Staged(staged).PostgresType, _row.Registers.Contains(column));

    private StagedType Staged(DuckDbColumn column)
    {
        if (StagedType.Of(column) is { } staged)
            return staged;
        var reason = ExpectedFiles.Unread(column.Name, column.Type.ToString());
        throw new RejectedFilesException([.. Files.Files.Select(file => new RejectedFile(file.Object, reason))]);
    }
}
