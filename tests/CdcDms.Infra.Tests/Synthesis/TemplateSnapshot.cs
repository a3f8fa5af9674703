using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CdcDms.Infra.Tests.Synthesis;

/// <summary>
/// Compares a template with the one that is stored. To accept what changed, run the tests with <c>CDCDMS_UPDATE_SNAPSHOTS=1</c>
/// and read the difference in version control.
/// </summary>
internal static partial class TemplateSnapshot
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static readonly bool Update = System.Environment.GetEnvironmentVariable("CDCDMS_UPDATE_SNAPSHOTS") == "1";

    public static void Check(string name, JsonObject template)
    {
        var path = Path.Combine(Repository.Root, "tests", "CdcDms.Infra.Tests", "Snapshots", name + ".json");
        var actual = AssetHash().Replace(template.ToJsonString(Indented), "ASSET") + "\n";
        if (Update)
            File.WriteAllText(path, actual);
        else if (!File.Exists(path))
            Assert.Fail($"There is no snapshot {name}; run the tests once with CDCDMS_UPDATE_SNAPSHOTS=1.");
        else if (Difference(File.ReadAllText(path), actual) is { } difference)
            Assert.Fail(
                $"{name} is not what its snapshot says (- stored, + now); "
                + $"run the tests with CDCDMS_UPDATE_SNAPSHOTS=1 to accept:\n{difference}");
    }

    /// <summary>The lines between the first and the last difference, or null.</summary>
    public static string? Difference(string stored, string actual)
    {
        if (stored == actual)
            return null;
        var (left, right) = (stored.Split('\n'), actual.Split('\n'));
        var head = left.Zip(right).TakeWhile(pair => pair.First == pair.Second).Count();
        var tail = left.Skip(head).Reverse().Zip(right.Skip(head).Reverse()).TakeWhile(pair => pair.First == pair.Second).Count();
        var lines = left[Math.Max(0, head - 3)..head].Select(line => "  " + line)
            .Concat(left[head..^tail].Select(line => "- " + line))
            .Concat(right[head..^tail].Select(line => "+ " + line));
        return $"at line {head + 1}\n{string.Join('\n', lines.Take(120))}";
    }

    [GeneratedRegex("[0-9a-f]{64}", RegexOptions.CultureInvariant)]
    private static partial Regex AssetHash();
}
