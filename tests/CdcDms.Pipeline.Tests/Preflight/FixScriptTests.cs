using CdcDms.Pipeline.Preflight;

namespace CdcDms.Pipeline.Tests.Preflight;

public sealed class FixScriptTests
{
    private static readonly CheckedPlace Source = new("db.example", 5432, "shop", "dms");
    private static readonly CheckedPlace Analytics = new("other.example", 5433, "it's", "loader");

    [Fact]
    public void A_name_with_the_end_of_a_line_stays_in_its_comment()
    {
        var script = Script(Finding.WithSql(FindingSeverity.Blocks, "Table a\nDROP TABLE b; is bad.", "SELECT 1"));

        Assert.Equal([@"\set ON_ERROR_STOP on", "SELECT 1;"], Statements(script));
    }

    [Fact]
    public void Warnings_are_to_be_chosen_and_no_statement_stands_there_twice()
    {
        var script = Script(
            Finding.WithSql(FindingSeverity.Warns, "May be.", "CREATE FUNCTION f()\nRETURNS int"),
            Finding.WithSql(FindingSeverity.Blocks, "Is.", "GRANT a", "GRANT b"),
            Finding.WithSql(FindingSeverity.Loses, "Is too.", "GRANT b", "GRANT c"),
            Finding.WithSql(FindingSeverity.Loses, "Again.", "GRANT a"),
            Finding.WithoutSql(FindingSeverity.Blocks, "Needs more.", "Restart the server."));

        Assert.Equal([@"\set ON_ERROR_STOP on", "GRANT a;", "GRANT b;", "GRANT c;"], Statements(script));
        Assert.Contains("\n-- To be chosen. May be.\n-- CREATE FUNCTION f()\n-- RETURNS int;\n", script, StringComparison.Ordinal);
        Assert.Contains("\n-- By hand. Needs more. Restart the server.\n", script, StringComparison.Ordinal);
        Assert.DoesNotContain("Again.", script, StringComparison.Ordinal);
    }

    [Fact]
    public void What_takes_something_away_is_to_be_chosen_and_what_puts_a_dropped_thing_back_stands_before_it()
    {
        var script = Script(
            Finding.ToChoose(FindingSeverity.Loses, "Is.", "It fails while there is a view.", "ALTER a"),
            Finding.WithSql(FindingSeverity.Loses, "Is too.", "ALTER a", "DROP b") with { Undo = ["CREATE b\nAS c"] });

        Assert.EndsWith(
            """

            -- To be chosen. Is. It fails while there is a view.
            -- ALTER a;

            -- Is too.
            -- This puts it back:
            -- CREATE b
            -- AS c;
            ALTER a;
            DROP b;

            """,
            script,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_script_for_both_databases_connects_to_each()
    {
        var script = Script(
            Finding.WithSql(FindingSeverity.Blocks, "One.", "GRANT a"),
            Finding.WithSql(FindingSeverity.Blocks, "Two.", "GRANT a") with { Database = CheckedDatabase.Analytics });

        Assert.Equal(
            [
                @"\set ON_ERROR_STOP on",
                "\\connect -reuse-previous=on \"host='db.example' port='5432' dbname='shop'\"", "GRANT a;",
                "\\connect -reuse-previous=on \"host='other.example' port='5433' dbname='it\\'s'\"", "GRANT a;",
            ],
            Statements(script));
    }

    [Fact]
    public void A_clean_report_gives_a_script_without_statements() => Assert.Empty(Statements(Script()));

    private static string Script(params Finding[] findings) =>
        FixScript.Of(new PreflightReport { Findings = findings, Source = Source, Target = Analytics });

    private static IEnumerable<string> Statements(string script) =>
        script.Split('\n').Where(line => line.Length > 0 && !line.StartsWith("--", StringComparison.Ordinal));
}
