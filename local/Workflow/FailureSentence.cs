using System.Text.Json;

namespace CdcDms.Local.Workflow;

/// <summary>Why something failed, as a person reads it.</summary>
internal static class FailureSentence
{
    private const int MostCharacters = 2_000;

    /// <summary>
    /// The sentence in a cause. A function's is JSON with <c>errorMessage</c>, that of an execution is JSON with another <c>Cause</c>;
    /// every other is a text.
    /// </summary>
    /// <param name="error">The error's name, where the cause says nothing.</param>
    /// <param name="cause">The cause.</param>
    public static string Of(string error, string? cause)
    {
        var said = string.IsNullOrEmpty(cause) ? error : Said(cause, 4) ?? cause;
        return said.Length <= MostCharacters ? said : $"{said[..MostCharacters]}…";
    }

    private static string? Said(string cause, int depth)
    {
        if (depth == 0 || !cause.StartsWith('{'))
            return null;
        try
        {
            using var json = JsonDocument.Parse(cause);
            foreach (var name in (string[])["errorMessage", "Cause"])
                if (json.RootElement.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String)
                    return Said(value.GetString()!, depth - 1) ?? value.GetString();
        }
        catch (JsonException)
        {
            // It is a text.
        }

        return null;
    }
}
