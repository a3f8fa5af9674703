using System.Text.Json.Nodes;
using CdcDms.Local.Views;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>What is in keys, names, values and messages is shown on a terminal, and does nothing there.</summary>
public sealed class HostileTextTests(TestServers servers) : AsideFixture(servers)
{
    [Theory]
    [InlineData("plain 'text' [red] ä 😀 👩‍👧", "plain 'text' [red] ä 😀 👩‍👧")]
    [InlineData("\u001b[2J\u001b]0;title\a", @"\u001B[2J\u001B]0;title\u0007")]
    [InlineData("a\nb\r\nc\td\0", @"a\nb\r\nc\td\u0000")]
    [InlineData("\u009b1m\u007f\u2028\u202eabc\u2066", @"\u009B1m\u007F\u2028\u202Eabc\u2066")]
    public void What_a_terminal_would_obey_is_written_as_an_escape(string text, string shown)
    {
        using var written = new StringWriter { NewLine = "\n" };
        using var writer = new PrintableWriter(written) { NewLine = "\n" };

        writer.WriteLine(text);

        Assert.Equal(shown, Printable.Of(text));
        Assert.Equal(shown.Replace(@"\n", "\n", StringComparison.Ordinal).Replace(@"\t", "\t", StringComparison.Ordinal) + "\n",
            written.ToString());
    }

    [Fact]
    public async Task Keys_values_and_names_of_rows_that_differ_are_shown_as_a_statement_would_write_them()
    {
        const string columns = """(k text PRIMARY KEY, U&"v\001B[1m\000Aw" text)""";
        await Source.ExecuteAsync(
            $@"CREATE TABLE odd {columns}; INSERT INTO odd VALUES (E'a\x1b[2J\nb\\n', E'\u202Ex'), ('[red]', 'it''s')");
        await Analytics.ExecuteAsync($"CREATE SCHEMA analytics; CREATE TABLE analytics.odd {columns}");
        await File.WriteAllTextAsync(Definitions, """[{"schema":"public","name":"odd","target":"analytics.odd"}]""");

        var (exitCode, output, errors) = await RunAsync(
            "validate", "--source", Source.ConnectionString, "--target", Analytics.ConnectionString, "--tables", Definitions,
            "--show-values");

        Assert.Equal(1, exitCode);
        // What takes long tells its progress.
        Assert.All([output, errors], AssertObeysNothing);
        Assert.Contains(
            @"public.odd k = E'a\u001B[2J\nb\\n': missing; source k = E'a\u001B[2J\nb\\n', v\u001B[1m\nw = E'\u202Ex'" + "\n", output,
            StringComparison.Ordinal);
        Assert.Contains(
            @"public.odd k = '[red]': missing; source k = '[red]', v\u001B[1m\nw = 'it''s'" + "\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_in_a_status_and_in_messages_do_nothing()
    {
        const string target = "analytics.odd\u001b[31m\nname";
        await RedefineAsync("accounts", table => table["target"] = JsonValue.Create(target));
        await ArriveAsync();
        await PutUnreadableAsync(11);

        var (_, merged, failure) = await RunAsync(Merge);
        var (_, status, errors) = await RunAsync("status", "--target", Analytics.ConnectionString);

        Assert.All([merged, failure, status, errors], AssertObeysNothing);
        Assert.Contains(@"| analytics.odd\u001B[31m\nname |", status, StringComparison.Ordinal);
        Assert.Contains(@"analytics.odd\u001B[31m\nname is parked: ", status, StringComparison.Ordinal);
    }

    private static void AssertObeysNothing(string text) =>
        Assert.DoesNotContain(text, letter => (char.IsControl(letter) && letter != '\n') || letter == '\u202e');
}
