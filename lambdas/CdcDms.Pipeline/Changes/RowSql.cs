using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.DuckDb;
using CdcDms.Pipeline.BinaryCopy;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Changes;

/// <summary>What DuckDB needs to know of a row of change files that have the same columns, as expressions over that row.</summary>
internal sealed class RowSql
{
    /// <summary>Names by which DuckDB knows where a row stands; no column of a file may have them.</summary>
    public static readonly IReadOnlyList<string> OwnNames = ["file_index", ChangeSequenceSql.RowNumber, ChangeSequenceSql.Known, StandsFor];

    /// <summary>For how many changes a row stands that Spark has left.</summary>
    public const string StandsFor = "cdcdms_stands_for";

    /// <summary>The row's place: 24 bits of files, 39 of rows.</summary>
    public const string Place = $"((file_index::BIGINT << 39) | {ChangeSequenceSql.RowNumber})";

    /// <summary>The <see cref="Strength"/> of a delete.</summary>
    public const int DeleteStrength = 2;

    private readonly IReadOnlyDictionary<string, string> _types;
    private readonly IReadOnlyList<TargetColumn> _keyColumns;
    private readonly IReadOnlyList<string> _key;
    private readonly string _moveFault;
    private readonly bool _isOfSpark;
    private bool _leavesFaultsOut;

    /// <param name="files">The files.</param>
    /// <param name="kind">What their rows are.</param>
    /// <param name="target">The table that they go to.</param>
    /// <param name="careful">
    /// Whether to look for values that PostgreSQL cannot hold. It costs a look at every value, so only where one was met.
    /// </param>
    public RowSql(ShapedFiles files, ChangeKind kind, TargetTable target, bool careful)
    {
        (_types, _isOfSpark) = (files.Types, files.Carried is not null);
        Columns = [.. target.Columns.Where(column => _types.ContainsKey(column.From))];
        Registers = kind is ChangeKind.Stream ? [.. Columns.Where(column => column.NullMayMeanUnchanged)] : [];
        // As they are staged: keys that differ only in nanoseconds are one row.
        _keyColumns = target.Key;
        _key = [.. _keyColumns.Select(Readable)];
        Operation = kind is ChangeKind.Stream ? DuckDbSql.Identifier(ChangeColumns.Operation) : "'I'";
        var hasTime = _types.TryGetValue(ChangeColumns.Timestamp, out var timeType) && ChangeSequenceSql.IsTime(timeType);
        CommittedAt = hasTime ? ChangeSequenceSql.Time(timeType!) : "NULL::TIMESTAMP";
        Before = HasColumnOfOldValue(target) ? null
            : BeforeImageSql.Of(kind, [.. target.Key.Select(column => column.From)], _types, Operation);
        var values = careful ? Columns.Select(Value) : [];
        Fault = RowFaultSql.Of(kind, _key, Operation, Before, [.. values]);
        // Whatever becomes of the change, its row has left the old key; unless that is one that no row of the target can have.
        var keys = careful && Before is not null
            ? target.Key.SelectMany(column => new[] { Value(column), (Before.Of(column.From), _types[column.From]) })
            : [];
        _moveFault = RowFaultSql.Of(kind, _key, Operation, Before, [.. keys]);
        // All files are of one generation, so the sequence alone orders them.
        // At one sequence a delete wins, then an update: two files with the same change give the same row whichever comes first.
        Rank = kind is ChangeKind.Feed or ChangeKind.Stream { Ordering: ChangeOrdering.Timestamp }
            ? $"struct_pack(sequence := {Sequence}, place := {Place})"
            : $"{Sequence} * 4 + {Strength}";
    }

    /// <summary>The replicated columns that the files have.</summary>
    public IReadOnlyList<TargetColumn> Columns { get; }

    /// <summary>What of a row these expressions need, quoted.</summary>
    public IEnumerable<string> NeededNames => Columns.Select(column => column.From)
        .Concat(new[] { ChangeColumns.Operation, ChangeColumns.Timestamp }.Where(_types.ContainsKey))
        .Concat(Before is null ? [] : _keyColumns.Select(column => ChangeColumns.BeforeImage(column.From)))
        .Distinct().Concat(_isOfSpark ? OwnNames : OwnNames.Where(name => name != StandsFor)).Select(DuckDbSql.Identifier);

    /// <summary>How many changes were read: each row is one, unless Spark has left others out because of it.</summary>
    public string Read => _isOfSpark ? $"coalesce(sum({StandsFor}), 0)::BIGINT" : "count(*)";

    /// <summary>Those columns of which an update may say nothing.</summary>
    public IReadOnlyList<TargetColumn> Registers { get; }

    /// <summary>The change's operation.</summary>
    public string Operation { get; }

    /// <summary>The change's place in the order of its generation.</summary>
    public const string Sequence = ChangeSequenceSql.Known;

    /// <summary>The commit time, UTC.</summary>
    public string CommittedAt { get; }

    /// <summary>Why the row cannot be ordered or told from others; NULL when nothing is wrong with it.</summary>
    public string Fault { get; }

    /// <summary>What wins at one version: <see cref="DeleteStrength"/>, then an update, then an insert.</summary>
    public string Strength => $"CASE {Operation} WHEN 'D' THEN {DeleteStrength} WHEN 'U' THEN 1 ELSE 0 END";

    /// <summary>What orders the changes of a key.</summary>
    public string Rank { get; }

    /// <summary>The key that the row had before; null where the files do not tell it.</summary>
    public BeforeImageSql? Before { get; }

    /// <summary>
    /// From now on, rows that cannot be ordered or told apart are in no part. It costs a look at each row, so only where there are some.
    /// </summary>
    public void LeaveFaultsOut() => _leavesFaultsOut = true;

    /// <summary>The columns of the key by which the changes of a part are told apart.</summary>
    public IReadOnlyList<string> KeyOf(ChangePart part) => part is ChangePart.Moves ? OldKey : _key;

    /// <summary>
    /// What orders a part's rows by key. DuckDB gives a column by which it orders back as it was compared, and there −0 is 0: so
    /// floating-point keys are ordered by another expression.
    /// </summary>
    public IEnumerable<string> OrderOf(ChangePart part) => KeyOf(part).Zip(
        part is ChangePart.Moves ? Columns.Where(column => column.IsKey) : _keyColumns,
        (key, column) => _types[column.From] is "FLOAT" or "DOUBLE" ? $"CASE WHEN {key} = 0 THEN 0 ELSE {key} END" : key);

    /// <summary>The columns of a part's rows, in the order of <see cref="Columns"/>; of moves, the old key and then the new one.</summary>
    public IEnumerable<string> ColumnsOf(ChangePart part) => part is ChangePart.Moves
        ? OldKey.Concat(Columns.Where(column => column.IsKey).Select(Readable))
        : Columns.Select(Readable);

    /// <summary>The condition under which a row is in a part.</summary>
    public string IsIn(ChangePart part)
    {
        if (part is ChangePart.Moves)
            return $"{Before!.IsMove} AND {_moveFault} IS NULL";
        return (_leavesFaultsOut ? $"{Fault} IS NULL" : "true") + part switch
        {
            ChangePart.Deletes => $" AND {Operation} = 'D'",
            ChangePart.Images => $" AND {Operation} <> 'D'",
            _ => "",
        };
    }

    /// <summary>A column as <see cref="StagedType"/> knows it.</summary>
    public string Readable(TargetColumn column) => StagedType.Readable(DuckDbSql.Identifier(column.From), _types[column.From]);

    // A column of the source may have such a name as well: then the definition or the target has it, and nothing tells old keys.
    private static bool HasColumnOfOldValue(TargetTable target) =>
        target.Key.Any(key => target.Columns.Any(column => column.From == ChangeColumns.BeforeImage(key.From)));

    private List<string> OldKey =>
        [.. Columns.Where(column => column.IsKey).Select(column => Before!.Of(column.From))];

    private (string Name, string Type) Value(TargetColumn column) => (DuckDbSql.Identifier(column.From), _types[column.From]);
}
