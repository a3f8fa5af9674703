using CdcDms.Local.Views;
using CdcDms.Pipeline.Ledger;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Commands;

/// <summary>What is told says what to do next, and once.</summary>
public sealed class NextStepTests(TestServers servers) : AsideFixture(servers)
{
    private const string Down = "Host=127.0.0.1;Port=1;Username=nobody;Database=none;Timeout=5";

    [Fact]
    public async Task A_database_that_does_not_open_says_what_to_correct()
    {
        foreach (var (change, step) in new (Action<NpgsqlConnectionStringBuilder>, string)[]
        {
            (settings => settings.Port = 1,
                "; check that the server runs, Host and Port, and whether the network lets this machine through."),
            (settings => settings.Password = "wrong", "; correct Username and Password."),
            (settings => settings.Database = "none", "; correct Database, or create it."),
        })
        {
            var settings = new NpgsqlConnectionStringBuilder(Analytics.ConnectionString);
            change(settings);

            var (exitCode, _, errors) = await RunAsync("status", "--target", settings.ConnectionString);

            Assert.Equal(1, exitCode);
            Assert.StartsWith("Cannot open the analytics database ", errors, StringComparison.Ordinal);
            Assert.EndsWith(step, errors.TrimEnd(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_neither_database_opens_both_are_told()
    {
        var (exitCode, _, errors) = await RunAsync("validate", "--source", Down, "--target", Down, "--tables", Definitions);

        Assert.Equal(1, exitCode);
        Assert.Contains("Cannot open the source database", errors, StringComparison.Ordinal);
        Assert.Contains("Cannot open the analytics database", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lake_that_does_not_answer_is_told_once()
    {
        await ArriveAsync();

        var (exitCode, output, errors) = await RunAsync(
            "merge", "--target", Analytics.ConnectionString, "--tables", Definitions, "--lake", Lake.ToString(),
            "--s3-endpoint", "http://127.0.0.1:1");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Matches(
            @"^Cannot list s3://.*; check the region, the endpoint and the network\. [12] other calls? failed in the same way\.$",
            Assert.Single(errors.TrimEnd().Split('\n')));
    }

    [Fact]
    public async Task A_definition_file_that_is_missing_says_how_to_write_one()
    {
        var (exitCode, _, errors) = await RunAsync(
            ["merge", "--target", Analytics.ConnectionString, "--tables", "no-such-file", .. CommandLine.Lake(Servers, Lake)]);

        Assert.Equal(2, exitCode);
        Assert.EndsWith(
            "; correct --tables, or write one by describe --source CONN > no-such-file.", errors.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--rows", "abc", "--rows is a whole number, and 'abc' is none.")]
    [InlineData("--seconds", "99999999999", "--seconds is a whole number, and '99999999999' is too large.")]
    public async Task A_number_that_is_none_is_told_in_one_sentence(string option, string text, string says)
    {
        var (exitCode, _, errors) = await RunAsync("demo", option, text);

        Assert.Equal((2, says), (exitCode, errors.Split('\n')[0]));
    }

    [Fact]
    public async Task Differences_say_that_changes_on_their_way_are_among_them_and_what_proves_a_living_table()
    {
        await ArriveAsync();
        await Source.ExecuteAsync("UPDATE accounts SET balance = 0 WHERE id = 5");

        var (exitCode, output, _) = await RunAsync(
            "validate", "--source", Source.ConnectionString, "--target", Analytics.ConnectionString, "--tables", Definitions);

        Assert.Equal(1, exitCode);
        Assert.Contains("Changes that are on their way show as differences too", output, StringComparison.Ordinal);
        Assert.Contains("validate --lake s3://BUCKET/PREFIX --wait tells what really differs", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_generation_that_began_with_a_load_is_told_once()
    {
        Unproven Cause(UnprovenCause cause, string subject, int second) => new(cause, subject, new DateTime(2026, 1, 2, 3, 4, second));

        Assert.Equal(
            [
                "generation 2 began, and its full load was merged at 2026-01-02 03:04:05", "generation 3 began at 2026-01-02 03:04:07",
                "it was resumed at 2026-01-02 03:04:08",
            ],
            StatusView.Causes(
                [
                    Cause(UnprovenCause.Loaded, "2", 5), Cause(UnprovenCause.GenerationBegan, "2", 6),
                    Cause(UnprovenCause.GenerationBegan, "3", 7), Cause(UnprovenCause.Resumed, "", 8),
                ]));
    }
}
