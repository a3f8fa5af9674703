using System.Text.Json;
using CdcDms.Functions.Tables;

namespace CdcDms.Functions.Tests.Tables;

/// <summary>The built bundle reads rows of a real source for proofs of a real target.</summary>
public sealed class ProveFunctionTests(TestServers servers) : IAsyncLifetime
{
    private static readonly TableDefinition People = new()
    {
        Schema = "public",
        Name = "people",
        Target = "analytics.people",
        Key = ["id"],
        Columns = [new() { From = "id", To = "id", Type = "integer" }, new() { From = "name", To = "name", Type = "text" }],
    };

    private TestLake _lake = null!;
    private TestDatabase _source = null!;
    private TestDatabase _analytics = null!;

    public async ValueTask InitializeAsync()
    {
        _lake = await TestLake.CreateAsync(servers);
        _source = await servers.CreateDatabaseAsync();
        _analytics = await servers.CreateDatabaseAsync();
        await _source.ExecuteAsync(
            "CREATE TABLE people (id integer PRIMARY KEY, name text); INSERT INTO people VALUES (1, 'ada'), (2, 'bob'), (3, 'eve')");
        await _lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob'), (3, 'eve')) t(id, name)");
        await using var merge = Start("merge");
        var input = new MergeInput { Table = People, Lake = _lake.Uri.ToString(), SampledKeys = 2 };
        var report = await merge.InvokeAsync(JsonSerializer.Serialize(input, ContractJson.Default.MergeInput));
        Assert.True(report.ErrorType is null, report.Body);
        // A path of the state machine leads to it.
        Assert.Contains("\"proofs\":null", report.Body, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        _lake.Dispose();
        await _source.DisposeAsync();
        await _analytics.DisposeAsync();
    }

    [Fact]
    public async Task A_sample_has_keys_that_a_batch_has_noted_and_each_is_read_once()
    {
        await using var process = Start("prove");

        var first = await ProveAsync(process, ProofScope.Sample);
        var second = await ProveAsync(process, ProofScope.Sample);

        Assert.Equal((2, null, null), (first.Keys, first.Compared, first.Unprovable));
        Assert.Equal(0, second.Keys);
        Assert.Equal("2 f 90", await ProofsAsync());
    }

    [Fact]
    public async Task A_sample_is_not_larger_than_it_may_be()
    {
        await using var process = Start("prove");

        Assert.Equal(1, (await ProveAsync(process, ProofScope.Sample, sampleKeys: 1)).Keys);
    }

    [Fact]
    public async Task Of_a_whole_table_the_rows_that_differ_are_read_to_be_repaired_if_that_is_wanted()
    {
        await _analytics.ExecuteAsync(
            "UPDATE analytics.people SET name = 'mallory' WHERE id = 3; DELETE FROM analytics.people WHERE id = 1");
        await using var process = Start("prove");

        var output = await ProveAsync(process, ProofScope.All, repairs: true);

        Assert.Equal(2, output.Keys);
        Assert.Equal((1, 0, 1), (output.Compared!.Missing, output.Compared.Extra, output.Compared.Changed));
        Assert.Equal("2 t 90", await ProofsAsync());
        Assert.DoesNotContain("mallory", JsonSerializer.Serialize(output, ContractJson.Default.ProveOutput), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_full_proof_finds_identical_is_not_unproven_any_more()
    {
        await _analytics.ExecuteAsync(
            "INSERT INTO cdc.unproven (table_id, cause, subject) SELECT id, 'ColumnAdded', 'name' FROM cdc.tables; "
            + "UPDATE analytics.people SET name = 'x' WHERE id = 1");
        const string Unproven = "SELECT count(*)::int FROM cdc.unproven WHERE cause = 'ColumnAdded'";
        await using var process = Start("prove");

        await ProveAsync(process, ProofScope.All);
        Assert.Equal(1, await _analytics.ScalarAsync<int>(Unproven));
        await _analytics.ExecuteAsync("UPDATE analytics.people SET name = 'ada' WHERE id = 1");
        await ProveAsync(process, ProofScope.All);
        Assert.Equal(0, await _analytics.ScalarAsync<int>(Unproven));
    }

    [Fact]
    public async Task A_table_of_which_no_row_can_be_proven_is_told_and_is_no_failure()
    {
        await using var process = Start("prove");

        var output = await ProveAsync(process, ProofScope.All, table: People with { Ordering = ChangeOrdering.Timestamp });

        Assert.Equal(
            (0, "No row of public.people can be proven: its changes are ordered by their times, and markers have none."),
            (output.Keys, output.Unprovable));
    }

    [Fact]
    public void A_comparison_stops_in_time_to_save_what_it_has_read()
    {
        var remaining = TimeSpan.FromMinutes(15);
        var mayGoOn = ProveFunction.ComparingTime(() => remaining);

        Assert.True(mayGoOn());
        remaining = TimeSpan.FromMinutes(6.1);
        Assert.True(mayGoOn());
        remaining = TimeSpan.FromMinutes(5.9);
        Assert.False(mayGoOn());
    }

    [Fact]
    public async Task Without_the_interval_of_files_nothing_is_read()
    {
        await using var process = Start("prove", ("CDCDMS_FILE_INTERVAL_SECONDS", ""));

        var report = await process.InvokeAsync(Input(People, ProofScope.Sample, 1000, repairs: false));

        Assert.Equal("BadDefinition", report.ErrorType);
        Assert.Contains("CDCDMS_FILE_INTERVAL_SECONDS is ''", report.Body, StringComparison.Ordinal);
    }

    /// <summary>Of the proofs that were asked for: keys, whether they repair, and the interval that their markers carry.</summary>
    private async Task<string> ProofsAsync() =>
        await _analytics.ScalarAsync<string>("SELECT string_agg(keys || ' ' || left(repairs::text, 1), ', ') FROM cdc.proofs")
        + await _source.ScalarAsync<string>("SELECT string_agg(DISTINCT ' ' || interval_seconds, '') FROM cdcdms.marker");

    private static async Task<ProveOutput> ProveAsync(
        BundleProcess process, ProofScope scope, int sampleKeys = 1000, bool repairs = false, TableDefinition? table = null)
    {
        var report = await process.InvokeAsync(Input(table ?? People, scope, sampleKeys, repairs));
        Assert.True(report.ErrorType is null, report.Body);
        return JsonSerializer.Deserialize(report.Body, ContractJson.Default.ProveOutput)!;
    }

    private static string Input(TableDefinition table, ProofScope scope, int sampleKeys, bool repairs) => JsonSerializer.Serialize(
        new ProveInput { Table = table, Scope = scope, SampleKeys = sampleKeys, Repairs = repairs }, ContractJson.Default.ProveInput);

    private BundleProcess Start(string function, params (string, string)[] environment) => new(
        function,
        [
            ("CDCDMS_SOURCE", _source.ConnectionString),
            ("CDCDMS_TARGET", _analytics.ConnectionString),
            ("CDCDMS_S3_ENDPOINT", servers.S3Server.Endpoint.AbsoluteUri),
            ("CDCDMS_FILE_INTERVAL_SECONDS", "90"),
            ("AWS_ACCESS_KEY_ID", servers.S3Server.AccessKeyId),
            ("AWS_SECRET_ACCESS_KEY", servers.S3Server.SecretAccessKey),
            .. environment,
        ]);
}
