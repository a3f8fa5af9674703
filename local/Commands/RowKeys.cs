using System.Text.Json;
using CdcDms.Contract;

namespace CdcDms.Local.Commands;

/// <summary>Keys of rows as they are given on the command line.</summary>
internal static class RowKeys
{
    /// <summary>Reads <c>[1, 2]</c>, or <c>[[1, "a"], [2, "b"]]</c> for keys of several columns.</summary>
    /// <returns>Each key as texts.</returns>
    /// <exception cref="CdcDmsException">The text is no such array.</exception>
    public static IReadOnlyList<IReadOnlyList<string>> Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            IReadOnlyList<IReadOnlyList<string>> keys = [.. document.RootElement.EnumerateArray().Select(Key)];
            return keys.Count > 0 ? keys : throw new InvalidOperationException("There is no key.");
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"'{json}' is no list of keys: write a JSON array, [1, 2], or of keys of several columns [[1, \"a\"], [2, \"b\"]].",
                fault);
        }
    }

    private static IReadOnlyList<string> Key(JsonElement key) =>
        key.ValueKind is JsonValueKind.Array ? [.. key.EnumerateArray().Select(Text)] : [Text(key)];

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => throw new InvalidOperationException("A column of a key is a text, a number, true or false."),
    };
}
