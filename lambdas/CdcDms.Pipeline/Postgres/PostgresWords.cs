using System.Text.RegularExpressions;
using Npgsql;

namespace CdcDms.Pipeline.Postgres;

/// <summary>
/// What PostgreSQL refused, as half a sentence without the full stop: one that may leave the databases, and one that may hold values.
/// </summary>
internal static partial class PostgresWords
{
    // PostgreSQL's function that refuses a table whose policies would hide rows (row_security = off, src/backend/utils/misc/rls.c).
    private const string HiddenRows = "check_enable_rls";

    // PostgreSQL's functions that end a standby's statement or session for what is to be replayed (src/backend/tcop/postgres.c): the one
    // since PostgreSQL 16, the other before.
    private static readonly string[] EndsForReplay = ["ProcessRecoveryConflictInterrupt", "ProcessInterrupts"];

    private static readonly Dictionary<string, string> Conditions = typeof(PostgresErrorCodes).GetFields()
        .Where(field => field.IsLiteral).DistinctBy(field => field.GetRawConstantValue())
        .ToDictionary(field => (string)field.GetRawConstantValue()!, field => InWords(field.Name));

    /// <summary>
    /// For messages, logs, metrics, mail and the terminal: never a value of a row. PostgreSQL's own words only where they hold none; else
    /// its code, and the names of what it is about.
    /// </summary>
    public static string Told(PostgresException fault) => (HoldNoValue(fault) ? Words(fault)
        : IsOfConstraint(fault) ? $"{fault.MessageText.TrimEnd('.')} (PostgreSQL's error {fault.SqlState})"
        : Condition(fault)) + Cure(fault);

    /// <summary>For the ledger, and who asks for values: PostgreSQL's words with its detail.</summary>
    public static string Kept(PostgresException fault) => Words(fault) + Cure(fault);

    /// <summary>
    /// Whether PostgreSQL refuses a value as some types do (tsvector, jsonpath, ltree, regclass): as if it were a statement, but without a
    /// place in one. A function in a check refuses a value by raising an exception.
    /// </summary>
    public static bool IsOfReading(PostgresException fault) => fault.Position == 0 && fault.SqlState
        is PostgresErrorCodes.SyntaxError
        or PostgresErrorCodes.UndefinedObject
        or PostgresErrorCodes.UndefinedTable
        or PostgresErrorCodes.UndefinedFunction
        or PostgresErrorCodes.InvalidSchemaName
        or PostgresErrorCodes.RaiseException;

    private static string Words(PostgresException fault) =>
        fault.MessageText.TrimEnd('.') + (fault.Detail is { } detail ? $" ({detail.TrimEnd('.')})" : "");

    /// <summary>
    /// Whether PostgreSQL's words can hold no value. Those of data (22, 23, 44) quote it. XX000 is what extensions raise for anything. Of
    /// class 42, types that cannot read a value say that some name does not exist; and a function may have made a statement of values,
    /// which <c>Where</c> tells.
    /// </summary>
    private static bool HoldNoValue(PostgresException fault) =>
        !IsRaised(fault)
        && (fault.SqlState[..2], fault.SqlState) switch
        {
            ("08" or "25" or "28" or "3D" or "40" or "53" or "54" or "55" or "57" or "58", _) => true,
            (_, PostgresErrorCodes.InsufficientPrivilege) => true,
            (_, PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted) => true,
            ("0A" or "2B" or "42", _) => fault.Where is null && !IsOfReading(fault),
            _ => false,
        };

    /// <summary>
    /// Whether PostgreSQL itself says that a column or constraint refuses a row (class 23): its message names these alone, and the row
    /// stands in its detail ("Failing row contains (…)", "Key (…)=(…) already exists").
    /// </summary>
    private static bool IsOfConstraint(PostgresException fault) =>
        !IsRaised(fault) && fault.SqlState[..2] is "23" && (fault.ColumnName ?? fault.ConstraintName) is not null;

    // What somebody raises has words of their own under any code.
    private static bool IsRaised(PostgresException fault) => fault.File is "pl_exec.c" or "plpy_elog.c" or "plperl.c" or "pltcl.c";

    private static string Condition(PostgresException fault)
    {
        string?[] names =
        [
            Named("type", fault.DataTypeName ?? (TypeAtTheBeginning().Match(fault.MessageText) is { Success: true } type
                ? type.Groups["type"].Value : null)),
            Named("column", fault.ColumnName),
            Named("constraint", fault.ConstraintName),
            Named("table", fault.SchemaName is { } schema && fault.TableName is { } table ? $"{schema}.{table}" : fault.TableName),
            Named("function", RaisedIn().Match(fault.Where ?? "") is { Success: true } raised ? raised.Groups["function"].Value : null),
        ];
        var about = string.Join(", ", names.OfType<string>());
        return $"PostgreSQL's error {fault.SqlState} ({Conditions.GetValueOrDefault(fault.SqlState, "of no name")}"
            + $"{(about.Length > 0 ? $": {about}" : "")}), whose words may hold values and stand in the server's log";
    }

    private static string? Named(string what, string? name) => string.IsNullOrEmpty(name) ? null : $"{what} {name}";

    private static string Cure(PostgresException fault) => fault switch
    {
        { Routine: HiddenRows } => "; give the role BYPASSRLS, or the table without FORCE ROW LEVEL SECURITY",
        { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected, Routine: { } routine }
            when EndsForReplay.Contains(routine) =>
            "; the standby ended the read for what it had to replay: try again, and if that happens again, set hot_standby_feedback = on "
            + "there, or max_standby_streaming_delay to longer than a read takes",
        { SqlState: PostgresErrorCodes.InsufficientPrivilege } => "; GRANT it to the role, or connect as the role that owns it",
        { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } =>
            "; connect to the primary server, as a role without default_transaction_read_only",
        _ => "",
    };

    // UniqueViolation: unique violation.
    private static string InWords(string name) => CapitalInside().Replace(name, " ").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z])(?=[A-Z])")]
    private static partial Regex CapitalInside();

    // Names of types stand in no field of a fault. Both sentences begin with PostgreSQL's own words; what follows may be a value.
    [GeneratedRegex("^(invalid input syntax|value too long) for type (?<type>[a-z][a-z0-9 ]*(\\(\\d+\\))?)(: \"|$)")]
    private static partial Regex TypeAtTheBeginning();

    // The first line of the context of what a function of PL/pgSQL raises: its name and the types of its parameters.
    [GeneratedRegex("^PL/pgSQL function (?<function>[^\\s\"'(]+\\([a-z0-9_, ]*\\)) line \\d+ at RAISE")]
    private static partial Regex RaisedIn();
}
