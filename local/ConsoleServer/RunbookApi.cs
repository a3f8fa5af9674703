using CdcDms.Contract;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.ConsoleServer;

/// <summary>Answers with a section of the runbook, which is in the program.</summary>
internal static class RunbookApi
{
    private static readonly Lazy<IReadOnlyDictionary<string, string>> Sections = new(Read);

    /// <summary>The names of all sections.</summary>
    public static IEnumerable<string> Names => Sections.Value.Keys;

    /// <summary><c>/api/runbook/SECTION</c></summary>
    public static Task SectionAsync(HttpContext http)
    {
        var name = (string)http.Request.RouteValues["section"]!;
        return ConsoleAnswers.JsonAsync(
            http,
            Sections.Value.TryGetValue(name, out var text)
                ? new RunbookSection(name, text)
                : throw new CdcDmsException(ErrorKind.BadDefinition, $"The runbook has no section '{name}'."),
            ConsoleJson.Default.RunbookSection);
    }

    private static Dictionary<string, string> Read()
    {
        using var reader = new StreamReader(typeof(RunbookApi).Assembly.GetManifestResourceStream("runbook.md")!);
        return reader.ReadToEnd().Split("\n## ").Skip(1).Select(section => section.Split('\n', 2))
            .ToDictionary(section => section[0].Trim(), section => section[1].Trim());
    }
}

/// <summary><c>/api/runbook/SECTION</c></summary>
/// <param name="Section">Its name.</param>
/// <param name="Markdown">Its text, Markdown.</param>
internal sealed record RunbookSection(string Section, string Markdown);
