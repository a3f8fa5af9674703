using System.Text;

namespace CdcDms.Contract.Tables;

/// <summary>A table's schema and name as PostgreSQL stores them: case-sensitive, unquoted, any character allowed.</summary>
public readonly record struct TableName(string Schema, string Name)
{
    /// <summary>
    /// Reads <c>schema.name</c>. Text is taken literally, case included; a part that holds a dot or a quote
    /// is written in double quotes, with quotes doubled, as in SQL.
    /// </summary>
    /// <exception cref="CdcDmsException">The text does not have two non-empty parts.</exception>
    public static TableName Parse(string text) => TryParse(text)
        ?? throw new CdcDmsException(ErrorKind.BadDefinition, $"'{text}' is not a table name: write it as schema.name.");

    /// <summary>Reads what <see cref="Parse"/> reads; null when the text does not have two non-empty parts.</summary>
    public static TableName? TryParse(string text)
    {
        var at = 0;
        var schema = ReadPart(text, ref at);
        if (schema is { Length: > 0 } && at < text.Length && text[at] == '.')
        {
            at++;
            var name = ReadPart(text, ref at);
            if (name is { Length: > 0 } && at == text.Length)
                return new TableName(schema, name);
        }

        return null;
    }

    private static string? ReadPart(string text, ref int at)
    {
        if (at >= text.Length || text[at] != '"')
        {
            var start = at;
            while (at < text.Length && text[at] != '.')
                at++;
            return text[start..at];
        }

        var part = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"')
                part.Append(text[at]);
            else if (at + 1 < text.Length && text[at + 1] == '"')
                part.Append(text[++at]);
            else
            {
                at++;
                return part.ToString();
            }
        }

        return null;
    }

    /// <summary>The text that <see cref="Parse"/> reads back.</summary>
    public override string ToString() => $"{Part(Schema)}.{Part(Name)}";

    private static string Part(string part) =>
        part.Contains('.', StringComparison.Ordinal) || part.Contains('"', StringComparison.Ordinal)
            ? $"\"{part.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : part;
}
