using CdcDms.Pipeline.Postgres;

namespace CdcDms.Local.Views;

/// <summary>
/// Columns of a row with their values, as in a statement, so that NULL and an empty text look different, and so do a line break and a
/// backslash before an n.
/// </summary>
internal static class RowText
{
    /// <summary>Columns and values in their order: <c>id = '5', note = NULL</c>.</summary>
    public static string Of(IEnumerable<KeyValuePair<string, string?>> values) =>
        string.Join(", ", values.Select(value => $"{value.Key} = {(value.Value is { } text ? Literal(text) : "NULL")}"));

    private static string Literal(string text) => Printable.Of(text) == text
        ? Sql.Literal(text)
        : $"E{Sql.Literal(Printable.Of(text.Replace(@"\", @"\\", StringComparison.Ordinal)))}";
}
