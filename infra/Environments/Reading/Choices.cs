using System.Text.Json;

namespace CdcDms.Infra.Environments.Reading;

/// <summary>The names of an enum's values in an environment file: <c>VerifyFull</c> is <c>verify-full</c>.</summary>
internal static class Choices
{
    /// <summary>All names.</summary>
    public static IEnumerable<string> Names<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(Name);

    /// <summary>One value's name.</summary>
    public static string Name<T>(T value)
        where T : struct, Enum =>
        JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString())
            .Replace("arm-64", "arm64", StringComparison.Ordinal)
            .Replace("x-64", "x64", StringComparison.Ordinal);

    /// <summary>The value of a name.</summary>
    public static bool TryParse<T>(string name, out T value)
        where T : struct, Enum
    {
        foreach (var candidate in Enum.GetValues<T>())
        {
            value = candidate;
            if (Name(candidate) == name)
                return true;
        }

        value = default;
        return false;
    }
}
