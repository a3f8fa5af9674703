using System.Text.Json;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Proofs;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>What <c>validate --lake</c> and <c>repair --all</c> say.</summary>
public sealed class LivingValidationTests(TestServers servers) : IAsyncLifetime
{
    private static readonly TableDefinition Words = new()
    {
        Schema = "public",
        Name = "words",
        Target = "analytics.words",
        Key = ["id"],
        Columns = [new() { From = "id", To = "id", Type = "text" }, new() { From = "name", To = "name", Type = "text" }],
    };

    private TestDatabase _source = null!;
    private TestDatabase _analytics = null!;
    private TestLake _lake = null!;

    public async ValueTask InitializeAsync()
    {
        (_source, _analytics) = (await servers.CreateDatabaseAsync(), await servers.CreateDatabaseAsync());
        _lake = await TestLake.CreateAsync(servers);
        await _source.ExecuteAsync("CREATE TABLE words (id text PRIMARY KEY, name text); INSERT INTO words VALUES ('x', 'x')");
        await _lake.CdcAsync(Words, "SELECT 'I' AS op, 1 AS v, 'x' AS id, 'x' AS name");
        await new MergeJob(_lake.Reader, _analytics.ConnectionString).RunAsync(Words, BatchLimits.Default, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        _lake.Dispose();
        await _source.DisposeAsync();
        await _analytics.DisposeAsync();
    }

    [Fact]
    public async Task A_table_that_is_fed_from_plain_files_fails_no_validation_of_the_others()
    {
        var feed = Words with { Name = "orders", Target = "analytics.orders", Feed = new TableFeed { Prefix = "orders/" } };
        Assert.Equal(0, (await ValidateAsync([], Words, feed)).ExitCode);

        var (exit, output, errors) = await ValidateAsync(CommandLine.Lake(servers, _lake.Uri), Words, feed);

        Assert.True(exit == 0, $"{exit}: {output} {errors}");
    }

    [Theory]
    [InlineData("--most-removed must be at least 0", "--all", "--most-removed", "-1")]
    [InlineData("Say which rows: one of --keys, --differences and --all.", "--all", "--differences")]
    [InlineData("Say which rows: one of --keys, --differences and --all.")]
    public async Task What_a_repair_cannot_be_asked_for_is_a_usage_error(string sentence, params string[] more)
    {
        var (exit, output, errors) = await RunAsync(
            "repair", [.. CommandLine.Lake(servers, _lake.Uri), "--table", "public.words", .. more], Words);

        Assert.Equal(2, exit);
        Assert.Contains(sentence, output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repair_of_no_source_table_names_those_there_are()
    {
        string[] lake = CommandLine.Lake(servers, _lake.Uri);

        var target = await RunAsync("repair", [.. lake, "--all", "--table", "analytics.words"], Words);
        var unknown = await RunAsync("repair", [.. lake, "--all", "--table", "public.wrods"], Words);

        Assert.Equal((2, 2), (target.ExitCode, unknown.ExitCode));
        Assert.Contains(
            "does not define the source table analytics.words; it is the target of public.words. A table is repaired by its name at the "
            + "source: write --table public.words.", target.Errors, StringComparison.Ordinal);
        Assert.Contains("does not define the source table public.wrods; it has public.words.", unknown.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repair_of_a_table_whose_definition_is_wrong_says_what_is_wrong_with_it()
    {
        var wrong = Words with { Name = "wrong", Target = "analytics.wrong", Key = [] };

        var (exit, _, errors) = await RunAsync(
            "repair", [.. CommandLine.Lake(servers, _lake.Uri), "--all", "--table", "public.wrong"], Words, wrong);

        Assert.Equal(2, exit);
        Assert.EndsWith(
            "[1]: public.wrong has an empty key; leave it out to use the primary key.", errors.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lake_that_did_not_fill_the_target_proves_nothing_of_it()
    {
        using var other = await TestLake.CreateAsync(servers);

        var (exit, output, errors) = await ValidateAsync(CommandLine.Lake(servers, other.Uri), Words);

        Assert.Equal(1, exit);
        Assert.DoesNotContain("proven", output, StringComparison.Ordinal);
        Assert.Contains($"analytics.words was filled from {_lake.Uri}; name that lake.", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_pending_says_what_it_waits_for()
    {
        await _analytics.ExecuteAsync("UPDATE analytics.words SET name = 'y'");

        var (exit, output, errors) = await ValidateAsync(CommandLine.Lake(servers, _lake.Uri), Words);

        Assert.Equal(0, exit);
        Assert.Contains("pending", output, StringComparison.Ordinal);
        Assert.Contains("once later markers have come through the lake; --wait writes some", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repair_that_knows_no_difference_reads_nothing_and_does_not_call_the_table_proven()
    {
        var (exit, output, errors) = await RunAsync(
            "repair", [.. CommandLine.Lake(servers, _lake.Uri), "--table", "public.words", "--differences", "--dry-run", "--json"], Words);

        Assert.Equal(0, exit);
        Assert.Contains("No difference of public.words is known, so nothing was read", errors, StringComparison.Ordinal);
        Assert.StartsWith(
            """{"identical":false,"tables":[{"table":"public.words","outcome":"NotProven","identical":false,"cause":"No difference of """,
            output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(17, 0, "proven, 17 keys not judged (they changed meanwhile; the next proof looks again)")]
    [InlineData(1, 1, "proven, 1 key not judged (they have a change in the quarantine; look at quarantine list)")]
    [InlineData(
        17, 2, "proven, 17 keys not judged (15 changed meanwhile; the next proof looks again; 2 have a change in the quarantine; look at "
            + "quarantine list)")]
    public void A_proof_says_of_how_many_keys_it_says_nothing_and_why(int notJudged, int quarantined, string? says)
    {
        var summary = new ProofSummary("t") { Outcome = ProofOutcome.Proven, NotJudged = notJudged, Quarantined = quarantined };

        Assert.Equal(says, ProofView.NotJudged(summary));
        Assert.Null(ProofView.NotJudged(summary with { Outcome = ProofOutcome.NotProven }));
    }

    [Theory]
    [InlineData(2, "repaired")]
    [InlineData(1, "different")]
    public void Rows_that_were_all_repaired_differ_no_more(int repaired, string word)
    {
        var summary = new ProofSummary("t") { Outcome = ProofOutcome.Different, Missing = 1, Extra = 0, Changed = 1, Repaired = repaired };

        Assert.Contains(word, ProofView.Word(summary), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ComparisonMore.Nothing, null, ProofOutcome.Proven, null)]
    [InlineData(ComparisonMore.Nothing, "Some were not read.", ProofOutcome.NotProven, "Some were not read.")]
    [InlineData(
        ComparisonMore.Merges, null, ProofOutcome.NotProven,
        "Some rows that differ are not read yet, because as many proofs are open as are kept; "
        + "run this again once merges have judged them.")]
    public void Rows_that_changed_while_they_were_compared_are_not_judged_and_rows_that_were_not_read_are_no_proof(
        ComparisonMore more, string? incomplete, ProofOutcome outcome, string? cause)
    {
        const int different = 20;
        var compared = new ValidateOutput
        {
            Table = "public.words",
            SourceRows = different,
            TargetRows = different,
            Missing = 0,
            Extra = 0,
            Changed = different,
            DifferentColumns = [],
        };

        var full = new FullProof(compared, [], 0) { More = more, Incomplete = incomplete };

        var summary = ProofSummary.Of(Words, ProofResult.Together([]), full);

        Assert.Equal(
            (outcome, false, (long)different, cause), (summary.Outcome, summary.Identical, summary.NotJudged, summary.Cause));
    }

    private Task<(int ExitCode, string Output, string Errors)> ValidateAsync(string[] more, params TableDefinition[] tables) =>
        RunAsync("validate", more, tables);

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(string verb, string[] more, params TableDefinition[] tables)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file, JsonSerializer.Serialize<IReadOnlyList<TableDefinition>>(tables, LocalJson.Indented.IReadOnlyListTableDefinition));
        var result = await CommandLine.RunAsync(
            servers,
            [verb, "--source", _source.ConnectionString, "--target", _analytics.ConnectionString, "--tables", file, .. more]);
        File.Delete(file);
        return result;
    }
}
