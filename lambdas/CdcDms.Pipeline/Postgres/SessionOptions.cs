using System.Text.RegularExpressions;

namespace CdcDms.Pipeline.Postgres;

/// <summary>
/// The settings among the command-line options of a connection string (<c>-c name=value</c>, PostgreSQL documentation, "options" of
/// libpq), as statements for a session that is open: RDS Proxy and PgBouncer refuse options at the start of a session.
/// </summary>
internal static partial class SessionOptions
{
    /// <summary>Takes the settings out of options.</summary>
    /// <param name="options">The options; null or empty for none.</param>
    /// <returns>The settings as statements, and what else stands in the options, for the start of the session; null when nothing.</returns>
    public static (string Statements, string? Others) Split(string? options)
    {
        var statements = Setting().Matches(options ?? "").Select(setting =>
            $"SELECT set_config({Sql.Literal(Plain(setting.Groups["name"]))}, {Sql.Literal(Plain(setting.Groups["value"]))}, false); ");
        var rest = Setting().Replace(options ?? "", " ").Trim();
        return (string.Concat(statements), rest.Length == 0 ? null : rest);
    }

    // A backslash keeps a blank, or another backslash, as part of a value.
    private static string Plain(Group text) => Escape().Replace(text.Value, "${kept}");

    [GeneratedRegex(@"(?<=^|\s)(-c\s*|--)(?<name>[\w.]+)=(?<value>(\\.|[^\\\s])*)(?=\s|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Setting();

    [GeneratedRegex(@"\\(?<kept>.)", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();
}
