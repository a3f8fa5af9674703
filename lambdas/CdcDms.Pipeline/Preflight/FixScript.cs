using System.Text;

namespace CdcDms.Pipeline.Preflight;

/// <summary>
/// The cures of findings as one script for psql, which ends it at the first statement that fails. Statements that cure what blocks or
/// loses are run; those of warnings, and those that would take something else away, are comments, to be chosen. What puts back what a
/// statement drops is a comment before it, and what no statement can do is one at the end.
/// </summary>
public static class FixScript
{
    private const int Width = 120;

    // Without this psql goes on after a statement that failed, with others that rest on it.
    private const string EndAtFailure = "\\set ON_ERROR_STOP on";

    /// <summary>Writes the script; it changes nothing where nothing was found.</summary>
    public static string Of(PreflightReport report)
    {
        var (source, analytics) = (Part(report, CheckedDatabase.Source), Part(report, CheckedDatabase.Analytics));
        var script = new StringBuilder();
        if (source.Count == 0 && analytics.Count == 0)
            Comment(script, "Preflight has found nothing.");
        else
            script.AppendLine(EndAtFailure);
        if (source.Count > 0)
            Write(script, "the source", report.Source, source, connects: analytics.Count > 0);
        if (analytics.Count > 0)
            Write(script, "the analytics database", report.Target!, analytics, connects: source.Count > 0);
        return script.ToString();
    }

    private static List<Finding> Part(PreflightReport report, CheckedDatabase database) =>
        [.. report.Findings.Where(finding => finding.Database == database)];

    private static void Write(StringBuilder script, string what, CheckedPlace place, List<Finding> findings, bool connects)
    {
        script.AppendLine();
        Comment(script, $"For {what} {place.Database}, to be run with psql by a superuser (on RDS the master user) who owns or may alter "
            + $"the tables; the rights are for the role {place.Role}.");
        if (connects)
            script.Append("\\connect -reuse-previous=on ").AppendLine(ConnectionInfo(place));
        var run = new HashSet<string>();
        foreach (var finding in findings)
            Write(script, finding, run);

        foreach (var finding in findings.Where(finding => finding is { ByHand: not null, IsChoice: false }))
        {
            script.AppendLine();
            Comment(script, $"By hand. {finding.Reason} {finding.ByHand}");
        }
    }

    /// <summary>
    /// The cure of a finding as a script has it: what puts back what is dropped, as a comment, and the statements, as comments if somebody
    /// has to choose.
    /// </summary>
    public static IEnumerable<string> CureOf(Finding finding) => CureOf(finding, finding.Sql);

    private static IEnumerable<string> CureOf(Finding finding, IEnumerable<string> statements) =>
    [
        .. finding.Undo.Count > 0 ? ["-- This puts it back:"] : Array.Empty<string>(),
        .. finding.Undo.Select(CommentedOut),
        .. statements.Select(statement => finding.IsChoice ? CommentedOut(statement) : $"{statement};"),
    ];

    private static void Write(StringBuilder script, Finding finding, HashSet<string> run)
    {
        var statements = finding.Sql.Where(statement => !run.Contains(statement)).ToList();
        if (statements.Count == 0)
            return;
        script.AppendLine();
        Comment(script, finding.IsChoice ? $"To be chosen. {finding.Reason} {finding.ByHand}" : finding.Reason);
        foreach (var line in CureOf(finding, statements))
            script.AppendLine(line);
        if (!finding.IsChoice)
            run.UnionWith(statements);
    }

    private static string CommentedOut(string statement) => $"-- {statement.ReplaceLineEndings("\n-- ")};";

    // A name of a table may hold the end of a line, behind which psql would read statements.
    private static void Comment(StringBuilder script, string text)
    {
        var line = new StringBuilder("--");
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length + 1 + word.Length > Width && line.Length > 2)
            {
                script.Append(line).AppendLine();
                line.Clear().Append("--");
            }

            line.Append(' ').Append(word);
        }

        script.Append(line).AppendLine();
    }

    // Twice quoted: for libpq, and for psql.
    private static string ConnectionInfo(CheckedPlace place) =>
        $"\"{string.Join(' ', Setting("host", place.Host), Setting("port", $"{place.Port}"), Setting("dbname", place.Database))}\"";

    private static string Setting(string name, string value) =>
        $"{name}='{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
