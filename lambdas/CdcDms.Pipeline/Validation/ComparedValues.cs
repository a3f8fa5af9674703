using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>Finds for each column the expressions by which both sides are compared.</summary>
/// <param name="source">The source database.</param>
/// <param name="tables">Both tables.</param>
/// <param name="fileTypes">The types that columns had in the newest files that were merged, as the ledger has them.</param>
internal sealed class ComparedValues(NpgsqlConnection source, ComparedTables tables, IReadOnlyDictionary<string, string> fileTypes)
{
    // pg_input_is_valid came with PostgreSQL 16.
    private const int AsksWhetherValid = 16;

    // Of these, the bytes that a value is sent as say what the value is, on every server. A floating-point NaN has many forms, a char(n)
    // has its padding, and types with an OID inside, or made by somebody, are another type on another server: these are compared as text.
    private static readonly HashSet<string> SentAlike =
    [
        "smallint", "integer", "bigint", "boolean", "numeric", "text", "character varying", "uuid", "bytea", "jsonb",
        "date", "timestamp without time zone", "timestamp with time zone", "time without time zone",
    ];

    private const string TypesSql = """
        SELECT s.typcategory::text, t.typcategory::text, EXISTS (SELECT FROM pg_cast WHERE castsource = s.oid AND casttarget = t.oid)
        FROM pg_type s JOIN pg_type t ON t.oid = to_regtype($2) WHERE s.oid = to_regtype($1)
        """;

    /// <summary>The expressions for all columns of both sides, in the columns' order.</summary>
    public static async Task<(IReadOnlyList<ComparedValue> Source, IReadOnlyList<ComparedValue> Target)> FindAsync(
        NpgsqlConnection source, NpgsqlConnection target, ComparedTables tables, CancellationToken cancellationToken)
    {
        var fileTypes = await FileTypes.ReadAsync(target, tables.Target.Name, cancellationToken);
        var values = new ComparedValues(source, tables, fileTypes);
        var pairs = new List<(ComparedValue Source, ComparedValue Target)>();
        foreach (var column in tables.Columns)
            pairs.Add(await values.OfAsync(column, cancellationToken));
        return ([.. pairs.Select(pair => pair.Source)], [.. pairs.Select(pair => pair.Target)]);
    }

    private async Task<(ComparedValue Source, ComparedValue Target)> OfAsync(TargetColumn column, CancellationToken cancellationToken)
    {
        var (from, to) = (tables.Source.Column(column.From)!, tables.Target.Column(column.To)!);
        var (fromName, toName) = (Sql.Identifier(from.Name), Sql.Identifier(to.Name));
        // What the definition wants to be rounded is rounded here as well.
        var rounded = column.TypeIsGiven && to.StoredType != to.CastType && to.StoredType != from.StoredType ? to.StoredType : null;
        var isSameType = from.CastType == to.CastType || IsWiderInteger(from.CastType, to.CastType);
        var isSentAlike = isSameType && SentAlike.Contains(to.CastType);
        var scale = new NumericScale(from, to, fileTypes.GetValueOrDefault(from.Name));
        string Form(string value) => isSentAlike ? scale.Of(value) : $"{scale.Of(value)}::text";

        var own = OfBaseType(from, to.CastType);
        var converted = (isSameType, rounded) switch
        {
            (true, null) => null,
            (true, _) => Form($"CAST({own} AS {rounded})"),
            // Whatever there is can be a text, without loss.
            _ when to.CastType is "text" or "character varying" => null,
            _ => await ConvertedAsync(from, to.CastType, rounded, column.TypeIsGiven, Form, cancellationToken),
        };
        var unconverted = isSameType ? Form(own) : $"{fromName}::text";
        // A cast to a text takes the blanks of a char(n) away; the files have them, or have them not.
        var isPadded = from.CastType == "bpchar" && to.CastType is ("text" or "character varying");
        var inTarget = isPadded ? $"rtrim({toName}::text, ' ')" : Form(OfBaseType(to, to.CastType));
        var comparison = isPadded ? ProofComparison.TrimmedText : scale.IsTrimmed ? ProofComparison.TrimmedNumber : ProofComparison.Text;
        return (
            Value(column, isSentAlike, converted ?? unconverted, converted is null ? null : unconverted, fromName, comparison),
            Value(column, isSentAlike, inTarget, null, toName, comparison));
    }

    /// <summary>
    /// A value of the source as the target's type writes it, so that an enum equals its text and a json its jsonb. A value that the type
    /// refuses is written as it is, and so differs; also one that loses something in the type, unless the definition gives the type.
    /// </summary>
    /// <returns>Null where the source's server has no such type.</returns>
    private async Task<string?> ConvertedAsync(
        CatalogColumn from, string type, string? rounded, bool typeIsGiven, Func<string, string> form, CancellationToken cancellationToken)
    {
        var types = await source.QueryAsync(
            TypesSql,
            row => (From: row.GetString(0), To: row.GetString(1), HasCast: row.GetBoolean(2)),
            cancellationToken, from.CastType, type).ToListAsync(cancellationToken);
        if (types is not [var (fromCategory, toCategory, hasCast)])
            return null;

        var name = Sql.Identifier(from.Name);
        // A merge widens a real as PostgreSQL does, and not by its text: 0.1 becomes 0.10000000149011612.
        var isDirect = (typeIsGiven && hasCast) || (from.CastType, type) is ("real", "double precision");
        var cast = $"CAST({name}{(isDirect ? "" : "::text")} AS {rounded ?? type})";
        var isKept = (fromCategory, toCategory, type) switch
        {
            _ when typeIsGiven => null,
            // A json is its value, not its blanks and the order of its names.
            (_, _, "json" or "jsonb") => null,
            // '007' is no number, and 'ab ' does not fit into a char. Of other types, such as times, a text has many spellings.
            ("S", "N" or "S" or "Z", _) => $"{cast}::text = {name}::text COLLATE \"C\"",
            ("S", _, _) => null,
            _ => $"{Number($"CAST({cast}::text AS {from.CastType})", from.CastType)} = {Number(name, from.CastType)}",
        };
        var isRead = !isDirect && source.PostgreSqlVersion.Major >= AsksWhetherValid
            ? $"pg_input_is_valid({name}::text, {Sql.Literal(rounded ?? type)})" : null;
        // Only where the first condition holds is the second one computed.
        var conditions = new[] { isRead, isKept }.OfType<string>().ToList();
        return conditions.Count == 0
            ? form(cast)
            : $"CASE {string.Concat(conditions.Select(condition => $"WHEN ({condition}) IS NOT TRUE THEN {name}::text "))}"
                + $"ELSE {form(cast)} END";
    }

    internal static bool IsWiderInteger(string from, string to) =>
        (from, to) is ("smallint", "integer" or "bigint") or ("integer", "bigint");

    private static string OfBaseType(CatalogColumn column, string type) =>
        column.BaseType == type ? Sql.Identifier(column.Name) : $"CAST({Sql.Identifier(column.Name)} AS {type})";

    private static ComparedValue Value(
        TargetColumn column, bool isSentAlike, string value, string? unconverted, string name, ProofComparison comparison) => new()
        {
            Name = column.To,
            IsKey = column.IsKey,
            Value = value,
            KeyValue = KeyValue(column, isSentAlike, value),
            Comparison = comparison,
            IsInteger = isSentAlike && column.Type is ("smallint" or "integer" or "bigint"),
            Unconverted = unconverted,
            Text = $"{name}::text",
        };

    // Coarser than the target's equality does no harm, finer would tell one row as a missing and an extra one. COLLATE "C" folds the same
    // letters on every server.
    private static string KeyValue(TargetColumn column, bool isSentAlike, string value) => column.Type switch
    {
        "numeric" when isSentAlike => $"trim_scale({value})",
        "real" or "double precision" => $"CASE {value} WHEN '-0' THEN '0' ELSE {value} END",
        _ when column.Collate.Length > 0 || column.Type.EndsWith("citext", StringComparison.Ordinal) =>
            $"lower({value}::text COLLATE \"C\")",
        _ => value,
    };

    private static string Number(string value, string type) => type == "numeric" ? $"trim_scale({value})::text" : $"{value}::text";
}
