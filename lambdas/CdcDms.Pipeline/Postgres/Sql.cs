using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Postgres;

/// <summary>Quoting for PostgreSQL: the only way by which a name gets into a statement. Values are parameters or COPY.</summary>
public static class Sql
{
    /// <summary>A quoted identifier; any name stays a name.</summary>
    public static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A quoted, schema-qualified table name.</summary>
    public static string Identifier(TableName table) => $"{Identifier(table.Schema)}.{Identifier(table.Name)}";

    /// <summary>
    /// A name as a text in a statement, to be compared with names that are data. The session pins <c>standard_conforming_strings</c>.
    /// </summary>
    public static string Literal(string name) => $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>
    /// Makes a schema that is missing, as a statement. CREATE SCHEMA IF NOT EXISTS alone asks for CREATE on the database even where the
    /// schema is there.
    /// </summary>
    public static string CreateSchema(string name)
    {
        var schema = Identifier(name);
        var isMissing = $"to_regnamespace({Literal(schema)}) IS NULL";
        return $"DO {Literal($"BEGIN IF {isMissing} THEN CREATE SCHEMA IF NOT EXISTS {schema}; END IF; END")}";
    }

    /// <summary>Quoted identifiers with commas between, each after an optional prefix such as <c>s.</c>.</summary>
    public static string Identifiers(IEnumerable<string> names, string prefix = "") =>
        string.Join(", ", names.Select(name => prefix + Identifier(name)));
}
