using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.BinaryCopy;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Evolution;

/// <summary>What a target needs before files of some shape can go into it.</summary>
/// <param name="Statements">Parts of one <c>ALTER TABLE</c>; none when it fits as it is.</param>
/// <param name="KeyStatements">Those that its tombstones' table needs as well.</param>
/// <param name="Added">The columns that it gets, whose old rows lack their values.</param>
/// <param name="Unseen">Columns of the files that none had before, and such as have changed their types, with these.</param>
internal sealed record TargetEvolution(
    IReadOnlyList<string> Statements, IReadOnlyList<string> KeyStatements, IReadOnlyList<string> Added, IReadOnlyDictionary<string, string> Unseen)
{
    // Whoever waits for the table's lock makes all others wait behind it.
    private const string WaitShortly = "SELECT set_config('lock_timeout', '30s', true)";

    /// <summary>Compares the columns of files with those of the target.</summary>
    /// <exception cref="CdcDmsException">They do not go together (<see cref="ErrorKind.Parked"/>); the sentence says what to do.</exception>
    public static TargetEvolution Of(IEnumerable<FileColumns> groups, TableDefinition table, TargetTable target, TableRecord record)
    {
        var statements = new List<string>();
        var keyStatements = new List<string>();
        var added = new Dictionary<string, string>();
        var widened = new Dictionary<string, string>();
        var seen = new Dictionary<string, string>(record.SeenColumns);
        var unseen = new Dictionary<string, string>();
        foreach (var group in groups)
        {
            foreach (var (name, fileType) in group.Types.Where(column => !ChangeColumns.Contains(column.Key) && table.LeaveOut?.Contains(column.Key) != true))
            {
                if (target.Columns.FirstOrDefault(column => column.From == name) is { } column)
                {
                    var taken = seen.GetValueOrDefault(name, "");
                    switch (ColumnFit.Of(fileType, column))
                    {
                        case ColumnFit.Widens wider:
                            widened[column.To] = wider.Type;
                            break;
                        case ColumnFit.Loses when !column.TypeIsGiven || (taken != fileType && taken.Length > 0):
                            throw Parks(table, $"{group.Files} have {fileType} in the column {name}, whose values {column.Type} of {target.Name}.{column.To} cannot hold unchanged; change that column's type, or give it as the column's type in the definition if the values shall be cast");
                    }
                }
                else if (!Adds(name, table, target, group, added, fileType))
                {
                    continue;
                }

                if (seen.GetValueOrDefault(name) != fileType)
                    seen[name] = unseen[name] = fileType;
            }

            // Once a column is missing that was there, its values are older than the rows that these files bring.
            if (!target.HasRegisters && target.Columns.Any(column => seen.ContainsKey(column.From) && !group.Types.ContainsKey(column.From)))
                statements.Add($"ADD COLUMN IF NOT EXISTS {Sql.Identifier(TargetColumns.Registers)} jsonb");
        }

        statements.AddRange(added.Select(column => $"ADD COLUMN IF NOT EXISTS {Sql.Identifier(column.Key)} {StagedType.PostgresTypeOf(column.Value)}"));
        foreach (var (to, type) in widened)
        {
            var statement = $"ALTER COLUMN {Sql.Identifier(to)} TYPE {type}";
            statements.Add(statement);
            if (target.Key.Any(column => column.To == to))
                keyStatements.Add(statement);
        }

        return new TargetEvolution([.. statements.Distinct()], keyStatements, [.. added.Keys], unseen);
    }

    /// <summary>Changes the target in a transaction of its own, so that nobody has to wait for a merge to read the table.</summary>
    /// <returns>Whether the target has changed.</returns>
    /// <exception cref="CdcDmsException">PostgreSQL refuses a change (<see cref="ErrorKind.Parked"/>).</exception>
    public async Task<bool> ApplyAsync(NpgsqlConnection connection, TableLedger ledger, TableDefinition table, CancellationToken cancellationToken)
    {
        if (Statements.Count == 0 && Unseen.Count == 0)
            return false;
        try
        {
            List<Statement> together = [ledger.Lock(shared: false), new(WaitShortly), ledger.Seen(Unseen)];
            if (Added.Count > 0)
                together.Add(ledger.NeedsBackfill(Added));
            if (KeyStatements.Count > 0)
                together.Add(new($"ALTER TABLE {Sql.Identifier(ledger.Tombstones)} {string.Join(", ", KeyStatements)}"));
            // The last, because from then on readers wait.
            if (Statements.Count > 0)
                together.Add(new($"ALTER TABLE {Sql.Identifier(table.TargetName)} {string.Join(", ", Statements)}"));
            await connection.ExecuteTogetherAsync(together, cancellationToken);
            return Statements.Count > 0;
        }
        catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.FeatureNotSupported or PostgresErrorCodes.InvalidTableDefinition or PostgresErrorCodes.DependentObjectsStillExist)
        {
            throw Parks(table, $"the target needs {string.Join(", ", Statements)}, and PostgreSQL refuses it ({fault.MessageText}{(fault.Detail is { } detail ? $": {detail}" : "")}); change it by hand");
        }
    }

    private static bool Adds(string name, TableDefinition table, TargetTable target, FileColumns group, Dictionary<string, string> added, string fileType)
    {
        if (table.NewColumnPolicy is NewColumnPolicy.Fail)
            throw Parks(table, $"{group.Files} have the column {name}, which {(table.Columns is null ? target.Name.ToString() : "the definition")} lacks, and newColumns is \"fail\"; add it to the target{(table.Columns is null ? "" : " and to columns")}, or list it in leaveOut");
        // A computed column has no way in, and is the target's own.
        if (table.NewColumnPolicy is NewColumnPolicy.Ignore || (target.KnownNames.Contains(name) && target.Columns.All(column => column.To != name) && !TargetColumns.Contains(name)))
            return false;
        if (TargetColumns.Contains(name) || target.KnownNames.Contains(name))
            throw Parks(table, $"{group.Files} have the column {name}, and {target.Name} has another column of this name; give it a name of its own in the definition's columns, or list it in leaveOut");
        added[name] = fileType;
        return true;
    }

    private static CdcDmsException Parks(TableDefinition table, string why) => new(ErrorKind.Parked, $"{table.Source} cannot be merged: {why}.");
}
