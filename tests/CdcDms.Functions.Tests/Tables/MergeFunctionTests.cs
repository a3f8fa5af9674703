using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace CdcDms.Functions.Tests.Tables;

/// <summary>The built bundle against a real lake and real databases.</summary>
public sealed class MergeFunctionTests(TestServers servers) : IAsyncLifetime
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
    private TestDatabase _analytics = null!;

    public async ValueTask InitializeAsync()
    {
        _lake = await TestLake.CreateAsync(servers);
        _analytics = await servers.CreateDatabaseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _lake.Dispose();
        await _analytics.DisposeAsync();
    }

    [Fact]
    public async Task Merge_applies_what_waits_and_then_finds_nothing()
    {
        await _lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await _lake.ChangeAsync(People, 'U', 10, 1, "ada 2");
        await using var process = Start("merge");

        var first = await MergeAsync(process, batchBytes: 1);
        var second = await MergeAsync(process, batchBytes: 1);
        var third = await MergeAsync(process, batchBytes: 1);

        Assert.Equal((1, true), (first.Files, first.More));
        Assert.Equal((1, false), (second.Files, second.More));
        Assert.Equal((0, false), (third.Files, third.More));
        Assert.Equal(new RowCounts { Read = 3, Inserted = 2, Updated = 1 }, first.Rows + second.Rows);
        Assert.Equal("ada 2", await _analytics.ScalarAsync<string>("SELECT name FROM analytics.people WHERE id = 1"));
    }

    [Fact]
    public async Task A_merge_that_runs_out_of_time_applies_nothing_and_says_so_and_where_its_time_went_before_it_is_killed()
    {
        await _lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name");
        await using var process = Start("merge");
        await MergeAsync(process);
        await _lake.ChangeAsync(People, 'U', 10, 1, "ada 2");
        await using var other = await _analytics.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var hold = new NpgsqlCommand("LOCK TABLE analytics.people IN ACCESS EXCLUSIVE MODE", other))
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var report = await process.InvokeAsync(Input(), TimeSpan.FromSeconds(3));

        Assert.Equal("OutOfTime", report.ErrorType);
        Assert.Contains("merge of public.people did not end within its 3 s", report.Body, StringComparison.Ordinal);
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        Assert.Equal("ada", await _analytics.ScalarAsync<string>("SELECT name FROM analytics.people"));
        Assert.Equal(1, (await MergeAsync(process)).Rows.Updated);

        var lines = (await process.LogAsync()).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(["batch", "given up", "batch"], lines.Select(line => line["Outcome"]!.GetValue<string>()));
        Assert.Equal(["straight", "", "staged"], lines.Select(line => line["Ways"]!.GetValue<string>()));
        Assert.True(lines[1]["PrepareSeconds"]!.GetValue<double>() > 1);
    }

    [Fact]
    public async Task A_database_that_is_down_is_unavailable()
    {
        await using var process = Start("merge", ("CDCDMS_TARGET", "Host=127.0.0.1;Port=1;Database=analytics;Username=u;Password=p"));

        var report = await process.InvokeAsync(Input());

        Assert.Equal("Unavailable", report.ErrorType);
        Assert.Contains("Cannot open the analytics database analytics at 127.0.0.1:1 as u", report.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_is_no_url_is_named()
    {
        await using var process = Start("merge", ("CDCDMS_S3_ENDPOINT", "localhost"));

        Assert.Contains("CDCDMS_S3_ENDPOINT is 'localhost'", (await process.InvokeAsync(Input())).Body, StringComparison.Ordinal);
    }

    private BundleProcess Start(string function, params (string, string)[] environment) => new(
        function,
        [
            ("CDCDMS_TARGET", _analytics.ConnectionString),
            ("CDCDMS_S3_ENDPOINT", servers.S3Server.Endpoint.AbsoluteUri),
            ("AWS_ACCESS_KEY_ID", servers.S3Server.AccessKeyId),
            ("AWS_SECRET_ACCESS_KEY", servers.S3Server.SecretAccessKey),
            .. environment,
        ]);

    private string Input(long batchBytes = 1L << 30) => JsonSerializer.Serialize(
        new MergeInput { Table = People, Lake = _lake.Uri.ToString(), BatchBytes = batchBytes }, ContractJson.Default.MergeInput);

    private async Task<MergeOutput> MergeAsync(BundleProcess process, long batchBytes = 1L << 30)
    {
        var report = await process.InvokeAsync(Input(batchBytes));
        Assert.True(report.ErrorType is null, report.Body);
        return JsonSerializer.Deserialize(report.Body, ContractJson.Default.MergeOutput)!;
    }
}
