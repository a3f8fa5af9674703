using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.BinaryCopy;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Evolution;

/// <summary>Compares the columns of files with those of the target they go to, and finds what the target lacks.</summary>
internal sealed class ColumnComparison
{
    private readonly TableDefinition _table;
    private readonly TargetTable _target;
    private readonly Dictionary<string, string> _seen;
    private readonly IReadOnlySet<string> _absentBefore;
    private readonly HashSet<string> _absent;
    private readonly Dictionary<string, string> _unseen = [];
    // By their names in the target, as they will be: what one file of the batch needs the next one finds.
    private readonly Dictionary<string, TargetColumn> _added = [];
    private readonly Dictionary<string, TargetColumn> _widened = [];
    // Of those that the target has: earlier files, or the last ones, had none of them.
    private readonly List<string> _came = [];
    private readonly Dictionary<(string To, string FileType), WantedCast> _casts = [];
    private bool _needsRegisters;

    private ColumnComparison(TableDefinition table, TargetTable target, TableRecord record) =>
        (_table, _target, _seen, _absentBefore, _absent) =
            (table, target, new(record.SeenColumns), record.AbsentColumns, [.. record.AbsentColumns]);

    /// <summary>Compares the columns of a batch's files, in their order, with those of the target.</summary>
    /// <exception cref="CdcDmsException">They do not go together (<see cref="ErrorKind.Parked"/>).</exception>
    public static TargetEvolution Of(IEnumerable<FileColumns> groups, TableDefinition table, TargetTable target, TableRecord record)
    {
        var comparison = new ColumnComparison(table, target, record);
        foreach (var group in groups)
            comparison.Take(group);
        return comparison.Evolution();
    }

    private void Take(FileColumns group)
    {
        var isFirst = _seen.Count == 0;
        // What the target holds of such a column grows old.
        _absent.UnionWith(_seen.Keys.Where(name =>
            !group.Types.ContainsKey(name) || IsLeftOut(name) || !(IsOfTarget(name) || _added.ContainsKey(name))));
        foreach (var (name, fileType) in group.Types)
        {
            if (IsOfChange(name, group) || IsLeftOut(name))
                continue;
            if (_target.Columns.FirstOrDefault(column => column.From == name) is { } column)
            {
                Fit(_widened.GetValueOrDefault(column.To) ?? column, fileType, group, _widened);
                if (_absent.Remove(name) || (!isFirst && !_seen.ContainsKey(name)))
                    _came.Add(column.To);
            }
            else if (_added.TryGetValue(name, out var added))
                Fit(added, fileType, group, _added);
            else if (!Adds(name, fileType, group))
                continue;
            else
                _absent.Remove(name);

            // The column is there from now on; its type comes with the first value.
            var type = fileType is StagedType.OfNulls ? _seen.GetValueOrDefault(name, "") : fileType;
            if (_seen.GetValueOrDefault(name) != type)
                _seen[name] = _unseen[name] = type;
        }

        // Once a column is missing that was there, its values are older than the rows that these files bring; and so may be those of a
        // column that was just added, if its NULL may mean "unchanged".
        _needsRegisters |= !_target.HasRegisters && _target.Columns.Any(column => column.NullMayMeanUnchanged
            || (_seen.ContainsKey(column.From) && !group.Types.ContainsKey(column.From)));
    }

    private bool IsOfTarget(string name) => _target.Columns.Any(column => column.From == name);

    private bool IsLeftOut(string name) => _table.LeaveOut?.Contains(name) == true;

    // The files of a feed are not DMS's, so what has such a name there is a column like any other.
    private bool IsOfChange(string name, FileColumns group) =>
        _table.Feed is null && (ChangeColumns.Contains(name) || IsOldValue(name, group));

    // DMS tells the old values of the source's primary key, which need not be the key that the rows have here. A column of the source
    // may have such a name as well: then the definition or the target has it.
    private bool IsOldValue(string name, FileColumns group) =>
        name.StartsWith(ChangeColumns.BeforeImagePrefix, StringComparison.Ordinal)
        && group.Types.ContainsKey(name[ChangeColumns.BeforeImagePrefix.Length..])
        && _target.Columns.All(column => column.From != name);

    private void Fit(TargetColumn column, string fileType, FileColumns group, Dictionary<string, TargetColumn> widened)
    {
        if (fileType is "VARCHAR" && column.HoldsBytes && _table.Feed is null)
            throw TargetEvolution.Parks(
                _table,
                $"{group.Files} have texts in the column {column.From}, of which PostgreSQL would make other bytes than they stand for in "
                + $"{_target.Name}.{column.To}; where the source's column is no bytea, give the target's its type; where it is, take it "
                + "out of the definition's columns and list it in leaveOut until these files are merged, then define it as bytea and load "
                + "the table again; for a column of the key only a new generation helps");
        switch (ColumnFit.Of(fileType, column))
        {
            case ColumnFit.Widens wider:
                widened[column.To] = column with { Type = wider.Type, Modifier = wider.Digits?.Packed ?? NumericModifier.None };
                break;
            case ColumnFit.Loses when IsCastOnPurpose(column, fileType):
                _casts.TryAdd((column.To, fileType), new WantedCast(column, fileType, group.Files));
                break;
            case ColumnFit.Loses:
                throw TargetEvolution.Parks(
                    _table,
                    $"{group.Files} have {fileType} in the column {column.From}, whose values {column.Type} of {_target.Name}.{column.To} "
                    + "cannot hold unchanged; change that column's type, or give it as the column's type in the definition "
                    + "if the values shall be cast");
        }
    }

    // The definition was written for the type that the files had first; an empty one is still to be told by them.
    private bool IsCastOnPurpose(TargetColumn column, string fileType)
    {
        var taken = _seen.GetValueOrDefault(column.From, "");
        return column.TypeIsGiven && (taken.Length == 0 || taken == fileType);
    }

    /// <summary>Whether the target gets a column that it does not have.</summary>
    private bool Adds(string name, string fileType, FileColumns group)
    {
        if (_table.NewColumnPolicy is NewColumnPolicy.Fail)
            throw TargetEvolution.Parks(_table, Unwanted(name, group));
        if (_table.NewColumnPolicy is NewColumnPolicy.Ignore || fileType is StagedType.OfNulls || IsComputed(name))
            return false;
        if (TargetColumns.Contains(name) || _target.KnownNames.Contains(name))
            throw TargetEvolution.Parks(
                _table,
                $"{group.Files} have the column {name}, and {_target.Name} has another column of this name; "
                + "give it a name of its own in the definition's columns, or list it in leaveOut");
        if (PostgresNames.ColumnFault(name) is { } fault)
            throw TargetEvolution.Parks(
                _table,
                $"{group.Files} have the column {name}, which {fault}; give it another name in the definition's columns, "
                + "or list it in leaveOut");
        _added[name] = ColumnFit.NewColumn(name, fileType) ?? throw TargetEvolution.Parks(
            _table,
            $"{group.Files} have the new column {name} of the type {fileType}, whose values cannot be read; write it as text "
            + "(a list, map or struct as JSON), a decimal with at most 38 digits, or list it in leaveOut");
        return true;
    }

    // A computed column has no way in, and is the target's own.
    private bool IsComputed(string name) =>
        _target.KnownNames.Contains(name) && _target.Columns.All(column => column.To != name) && !TargetColumns.Contains(name);

    private string Unwanted(string name, FileColumns group)
    {
        var (where, alsoTo) = _table.Columns is null ? (_target.Name.ToString(), "") : ("the definition", " and to columns");
        return $"{group.Files} have the column {name}, which {where} lacks, and newColumns is \"fail\"; "
            + $"add it to the target{alsoTo}, or list it in leaveOut";
    }

    private static string Typed(TargetColumn column) => column.Type + NumericModifier.Read(column.Modifier);

    private TargetEvolution Evolution()
    {
        var added = _added.Values.Select(column => $"{Sql.Identifier(column.To)} {Typed(column)}");
        var widened = _widened.ToDictionary(
            column => column.Key, column => $"ALTER COLUMN {Sql.Identifier(column.Key)} TYPE {Typed(column.Value)}");
        var ofKey = widened.Where(column => _target.Key.Any(key => key.To == column.Key));
        return new TargetEvolution(
            Statements:
            [
                .. _needsRegisters ? [TargetEvolution.AddRegisters] : Array.Empty<string>(),
                .. added.Select(column => $"ADD COLUMN IF NOT EXISTS {column}"),
                .. widened.Values,
            ],
            KeyStatements: [.. ofKey.Select(column => column.Value)],
            Replaced: [.. _target.Columns.Where(column => _widened.ContainsKey(column.To))],
            Added: [.. _added.Keys, .. _came],
            Unseen: _unseen,
            Gone: [.. _absent.Except(_absentBefore)],
            Back: [.. _absentBefore.Except(_absent)],
            Seen: _seen.Keys.ToHashSet(),
            Casts: _casts.Values);
    }
}
