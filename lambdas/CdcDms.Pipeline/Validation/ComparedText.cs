using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>The columns of a database as text, such that equal values of source and target have equal texts.</summary>
/// <param name="connection">The database.</param>
/// <param name="asBytes">
/// Whether texts are compared by their bytes in UTF-8: a hash is one of bytes, and the two databases have different encodings.
/// </param>
internal sealed class ComparedText(NpgsqlConnection connection, bool asBytes)
{
    // The category of a domain is that of its base type (PostgreSQL documentation, pg_type).
    private const string TypesSql = """
        SELECT s.typcategory::text, t.typcategory::text, format_type(coalesce(nullif(s.typbasetype, 0), s.oid), -1)
        FROM pg_type s JOIN pg_type t ON t.oid = to_regtype($2) WHERE s.oid = to_regtype($1)
        """;

    /// <summary>The texts of both databases.</summary>
    public static async Task<(ComparedText Source, ComparedText Target)> OfAsync(
        NpgsqlConnection source, NpgsqlConnection target, CancellationToken cancellationToken)
    {
        const string sql = "SELECT current_setting('server_encoding')";
        var differ = await source.ScalarAsync<string>(sql, cancellationToken) != await target.ScalarAsync<string>(sql, cancellationToken);
        return (new ComparedText(source, differ), new ComparedText(target, differ));
    }

    /// <summary>A column of the target.</summary>
    public ComparedValue Of(TargetColumn column) =>
        Value(Text(Sql.Identifier(column.To), column.Type), Sql.Identifier(column.To), column.IsKey);

    /// <summary>
    /// A column of the source as the target's type writes it, so that an enum equals its text and a json its jsonb. A value that loses
    /// something in the target's type is written as it is, and so differs.
    /// </summary>
    public async Task<ComparedValue> OfAsync(CatalogColumn column, TargetColumn target, CancellationToken cancellationToken)
    {
        var name = Sql.Identifier(column.Name);
        if (column.BaseType == target.Type)
            return Value(Text(name, column.BaseType), name, target.IsKey);
        var types = await connection.QueryAsync(
            TypesSql,
            row => (From: row.GetString(0), To: row.GetString(1), BaseOfFrom: row.GetString(2)),
            cancellationToken, column.BaseType, target.Type).ToListAsync(cancellationToken);
        if (types is not [var (from, to, baseOfFrom)])
            return Value($"{name}::text", name, target.IsKey);

        var cast = $"CAST({name}::text AS {target.Type})";
        var isKept = (from, to, target.Type) switch
        {
            // A json is its value, not its blanks and the order of its names.
            (_, _, "json" or "jsonb") => null,
            // '007' is no number, and 'ab ' does not fit into a char. Of other types, such as times, a text has many spellings.
            ("S", "N" or "S" or "Z", _) => $"{cast}::text = {name}::text COLLATE \"C\"",
            ("S", _, _) => null,
            _ => $"{Text($"CAST({cast}::text AS {column.BaseType})", baseOfFrom)} = {Text(name, baseOfFrom)}",
        };
        var text = Text(cast, target.Type);
        return Value(isKept is null ? text : $"CASE WHEN {isKept} THEN {text} ELSE {name}::text END", name, target.IsKey);
    }

    private ComparedValue Value(string text, string name, bool isKey) => new(Bytes(text), Bytes($"{name}::text"), isKey);

    private string Bytes(string text) => asBytes ? $"encode(convert_to({text}, 'UTF8'), 'hex')" : text;

    // 1.5 and 1.500 are one number, but two texts.
    private static string Text(string value, string type) => type == "numeric" ? $"trim_scale({value})::text" : $"{value}::text";
}
