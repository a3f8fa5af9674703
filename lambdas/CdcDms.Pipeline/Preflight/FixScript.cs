using System.Text;

namespace CdcDms.Pipeline.Preflight;

/// <summary>
/// The cures of findings as one script for psql. Statements that cure what blocks or loses are run; those of warnings are comments, to be
/// chosen. What no statement can do is a comment at the end.
/// </summary>
public static class FixScript
{
    private const int Width = 120;

    /// <summary>Writes the script; it changes nothing where nothing was found.</summary>
    public static string Of(PreflightReport report)
    {
        var (source, analytics) = (Part(report, CheckedDatabase.Source), Part(report, CheckedDatabase.Analytics));
        var script = new StringBuilder();
        if (source.Count == 0 && analytics.Count == 0)
            Comment(script, "Preflight has found nothing.");
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
        if (script.Length > 0)
            script.AppendLine();
        Comment(script, $"For {what} {place.Database}, to be run by a superuser (on RDS the master user) who owns or may alter the tables; "
            + $"the rights are for the role {place.Role}.");
        if (connects)
            script.Append("\\connect -reuse-previous=on ").AppendLine(ConnectionInfo(place));
        var written = new HashSet<string>();
        foreach (var finding in findings.Where(finding => finding.Sql.Any(statement => !written.Contains(statement))))
        {
            script.AppendLine();
            var isChoice = finding.Severity is FindingSeverity.Warns;
            Comment(script, (isChoice ? "To be chosen. " : "") + finding.Reason);
            foreach (var statement in finding.Sql.Where(written.Add))
                script.AppendLine(isChoice ? $"-- {statement.ReplaceLineEndings("\n-- ")};" : $"{statement};");
        }

        foreach (var finding in findings.Where(finding => finding.ByHand is not null))
        {
            script.AppendLine();
            Comment(script, $"By hand. {finding.Reason} {finding.ByHand}");
        }
    }

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
