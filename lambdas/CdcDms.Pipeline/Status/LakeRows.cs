using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Status;

/// <summary>
/// Counts the rows that a merge of a lake's files into an empty target would give. The files are reduced as a merge reduces them, some at a
/// time; DuckDB keeps the newest version of each key, on disk when they are many.
/// </summary>
/// <param name="lake">The lake.</param>
/// <param name="table">The table.</param>
/// <param name="target">Its target, which says what the key is.</param>
/// <param name="mostFiles">The most files that are read together.</param>
/// <param name="manyKeys">A table of fewer keys is not worth the work of making it smaller.</param>
internal sealed class LakeRows(
    LakeReader lake, TableDefinition table, TargetTable target, int mostFiles = 1000, long manyKeys = 1 << 20) : IDisposable
{
    private const int MemoryMegabytes = 256;
    private const long MostBytes = 256L << 20;

    private readonly ChangeWorkspace _workspace = new(MemoryMegabytes) { HeldBytes = 0 };
    private readonly List<RejectedFile> _unreadable = [];
    private long _reducedKeys;

    /// <summary>The files that cannot be read; a merge rejects them.</summary>
    public IReadOnlyList<RejectedFile> Unreadable => _unreadable;

    /// <summary>The newest version of a change.</summary>
    public ChangeVersion NewestVersion { get; private set; }

    /// <summary>The latest commit time of a change, UTC; null when none has one.</summary>
    public DateTime? NewestCommitUtc { get; private set; }

    private string Key => string.Join(", ", target.Key.Select((_, index) => $"k{index}"));

    // Strength decides between the changes of one version.
    private string Newest => $"SELECT {Key}, max(struct_pack(version, strength)) AS newest FROM states GROUP BY ALL";

    /// <summary>Reads files.</summary>
    /// <param name="files">The files, of one generation after the other.</param>
    /// <param name="progress">Takes the number of files that were read.</param>
    /// <returns>The rows.</returns>
    /// <exception cref="CdcDmsException">The lake cannot be read, or memory or storage are too small.</exception>
    public async Task<long> CountAsync(IReadOnlyList<LakeObject> files, Action<int> progress, CancellationToken cancellationToken)
    {
        var columns = string.Concat(target.Key.Select((_, index) => $"k{index} VARCHAR, "));
        _workspace.Connection.Execute($"CREATE TEMP TABLE states ({columns}version HUGEINT, strength TINYINT)", cancellationToken);
        var read = 0;
        foreach (var isLoad in new[] { true, false })
        {
            var kind = isLoad ? new ChangeKind.Snapshot() : ChangeKind.Of(table);
            var ofKind = files.Where(file => isLoad == (table.Feed is null && ChangeFileName.IsLoad(file.Key)));
            foreach (var some in Together(ofKind))
            {
                await TakeAsync(some, kind, cancellationToken);
                progress(read += some.Count);
            }
        }

        var lives = $"SELECT count(*) FROM ({Newest}) WHERE newest.strength < {RowSql.DeleteStrength}";
        return Explained(() => _workspace.Connection.Count(lives, cancellationToken));
    }

    private async Task TakeAsync(IReadOnlyList<LakeObject> files, ChangeKind kind, CancellationToken cancellationToken)
    {
        var expected = new ExpectedFiles(lake.Lake, lake.Lake.Key(table.Feed?.Prefix ?? ""), target, kind);
        var fetched = await _workspace.FetchAsync(lake, files, cancellationToken);
        var left = fetched;
        while (left.Count > 0)
            try
            {
                // What was taken before a file was found to be unreadable is taken twice, which changes nothing.
                foreach (var group in _workspace.GroupByColumns(left, expected).Where(group => group.HaveRows))
                    Take(ChangeSet.Open(_workspace, group, kind, target, careful: false, cancellationToken), cancellationToken);
                break;
            }
            catch (RejectedFilesException fault)
            {
                _unreadable.AddRange(fault.Files);
                left = [.. left.ExceptBy(fault.Files.Select(file => file.Object), file => file.Object)];
            }

        FetchedFile.Remove(fetched);
        Reduce(cancellationToken);
    }

    private void Take(ChangeSet changes, CancellationToken cancellationToken)
    {
        if (changes.NewestVersion > NewestVersion)
            NewestVersion = changes.NewestVersion;
        if (changes.LastCommitUtc is { } commit && !(commit <= NewestCommitUtc))
            NewestCommitUtc = commit;
        foreach (var part in changes.Moved > 0 ? new[] { ChangePart.Moves, ChangePart.All } : [ChangePart.All])
        {
            changes.Reduce(part, cancellationToken);
            Execute($"INSERT INTO states {changes.KeysOf(part)}", changes.Files, cancellationToken);
        }
    }

    private void Execute(string sql, ShapedFiles files, CancellationToken cancellationToken)
    {
        try
        {
            _workspace.Connection.Execute(sql, cancellationToken);
        }
        catch (DuckDbException fault)
        {
            throw _workspace.Explain(files.Files, fault);
        }
    }

    /// <summary>Leaves one version of each key, whenever the table has grown to twice as much.</summary>
    private void Reduce(CancellationToken cancellationToken) => Explained(() =>
    {
        const string count = "SELECT count(*) FROM states";
        if (_workspace.Connection.Count(count, cancellationToken) <= 2 * Math.Max(_reducedKeys, manyKeys))
            return 0L;
        _workspace.Connection.Execute(
            $"CREATE OR REPLACE TEMP TABLE states AS SELECT {Key}, newest.version, newest.strength FROM ({Newest})", cancellationToken);
        return _reducedKeys = _workspace.Connection.Count(count, cancellationToken);
    });

    private long Explained(Func<long> work)
    {
        try
        {
            return work();
        }
        catch (DuckDbException fault)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"The rows of {table.Source} in the lake were not counted ({FetchedFile.Told(fault)}); "
                + "look for space in the folder for temporary files.",
                fault);
        }
    }

    private IEnumerable<IReadOnlyList<LakeObject>> Together(IEnumerable<LakeObject> files)
    {
        var (some, bytes) = (new List<LakeObject>(), 0L);
        foreach (var file in files)
        {
            if (some.Count == mostFiles || (some.Count > 0 && bytes + file.Bytes > MostBytes))
            {
                yield return some;
                (some, bytes) = ([], 0);
            }

            some.Add(file);
            bytes += file.Bytes;
        }

        if (some.Count > 0)
            yield return some;
    }

    /// <inheritdoc/>
    public void Dispose() => _workspace.Dispose();
}
