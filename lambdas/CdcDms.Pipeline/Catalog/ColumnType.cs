using System.Text.RegularExpressions;
using CdcDms.Contract;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Catalog;

/// <summary>
/// Turns a type from a definition into text that may stand in a statement: the name as PostgreSQL itself writes it,
/// and a modifier of letters and digits. A hostile text is no type, so it never reaches a statement.
/// </summary>
internal static partial class ColumnType
{
    /// <summary>Checks a type against the database.</summary>
    /// <param name="connection">An open connection to the analytics database.</param>
    /// <param name="type">The type as the definition has it.</param>
    /// <param name="column">The column of the definition, for the sentence.</param>
    /// <exception cref="CdcDmsException">The database has no such type.</exception>
    public static async Task<string> CheckedAsync(
        NpgsqlConnection connection, string type, string column, CancellationToken cancellationToken)
    {
        var parts = Pattern().Match(type);
        if (!parts.Success)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The type '{type}', which the definition gives to {column}, cannot be read: write it as a name, a modifier in parentheses "
                + "and [] for an array, such as numeric(12,2)[]; for more, such as a collation, create the target table by hand.");
        var name = parts.Groups["name"].Value + parts.Groups["zone"].Value;
        var known = await KnownAsync(connection, name, cancellationToken)
            ?? throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The analytics database has no type '{name}', which the definition gives to {column}; "
                + "use one of its types, such as text, or create the type or its extension first.");
        // PostgreSQL writes timestamp and timestamptz out, and a precision stands before the zone.
        var zone = Zone().Match(known).Value;
        return known[..^zone.Length] + parts.Groups["modifier"].Value + zone + parts.Groups["array"].Value;
    }

    private static async Task<string?> KnownAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.SingleAsync(
                "SELECT format_type(to_regtype($1), -1), to_regtype($1) IS NOT NULL",
                row => row.GetBoolean(1) ? row.GetString(0) : null, cancellationToken, name);
        }
        catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.SyntaxError or PostgresErrorCodes.InvalidName)
        {
            // to_regtype gives NULL for an unknown name, but an error for what is no name at all.
            return null;
        }
    }

    [GeneratedRegex(
        """
        ^(?<name>[^()\[\]]+?)(?<modifier>\s*\(\s*-?\w+(\s*,\s*-?\w+)*\s*\))?(?<zone>[ ]with(out)?[ ]time[ ]zone)?(?<array>\s*(\[\d*\])*)$
        """,
        RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Pattern();

    [GeneratedRegex("( with(out)? time zone)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Zone();
}
