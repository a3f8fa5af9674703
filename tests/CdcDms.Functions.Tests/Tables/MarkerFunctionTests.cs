using System.Text.Json;

namespace CdcDms.Functions.Tests.Tables;

/// <summary>The built bundle writes markers at a real source and merges them from a real lake.</summary>
public sealed class MarkerFunctionTests(TestServers servers) : IAsyncLifetime
{
    private TestLake _lake = null!;
    private TestDatabase _source = null!;
    private TestDatabase _analytics = null!;

    public async ValueTask InitializeAsync()
    {
        _lake = await TestLake.CreateAsync(servers);
        _source = await servers.CreateDatabaseAsync();
        _analytics = await servers.CreateDatabaseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _lake.Dispose();
        await _source.DisposeAsync();
        await _analytics.DisposeAsync();
    }

    [Fact]
    public async Task A_marker_is_written_into_tables_that_are_made_for_it_whatever_the_input()
    {
        await using var process = Start("write-marker", ("CDCDMS_FILE_INTERVAL_SECONDS", "90"));

        var first = await process.InvokeAsync("""{"source":"aws.events"}""");
        var second = await process.InvokeAsync("null");

        Assert.Equal("""{"number":1}""", first.Body);
        Assert.Equal("""{"number":2}""", second.Body);
        Assert.Equal(2, await _source.ScalarAsync<long>("SELECT count(*) FROM cdcdms.marker WHERE interval_seconds = 90"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0")]
    public async Task Without_the_interval_of_files_no_marker_is_written(string? interval)
    {
        await using var process = Start("write-marker", ("CDCDMS_FILE_INTERVAL_SECONDS", interval ?? ""));

        var report = await process.InvokeAsync("{}");

        Assert.Equal("BadDefinition", report.ErrorType);
        Assert.Contains($"CDCDMS_FILE_INTERVAL_SECONDS is '{interval}'", report.Body, StringComparison.Ordinal);
        Assert.False(await _source.ScalarAsync<bool>("SELECT to_regclass('cdcdms.marker') IS NOT NULL"));
    }

    [Fact]
    public async Task A_source_that_may_only_be_read_is_told()
    {
        await using var process = Start(
            "write-marker",
            ("CDCDMS_SOURCE", $"{_source.ConnectionString};Options=-c default_transaction_read_only=on"),
            ("CDCDMS_FILE_INTERVAL_SECONDS", "60"));

        var report = await process.InvokeAsync("{}");

        Assert.Equal("Unavailable", report.ErrorType);
        Assert.Contains("No marker was written at the source: cannot execute CREATE SCHEMA", report.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Markers_are_merged_and_an_input_without_a_lake_is_refused()
    {
        await MarkerAsync(1);
        await using var process = Start("merge-markers");

        var report = await process.InvokeAsync(JsonSerializer.Serialize(
            new MergeMarkersInput { Lake = _lake.Uri.ToString() }, ContractJson.Default.MergeMarkersInput));
        var refused = await process.InvokeAsync("{}");

        Assert.True(report.ErrorType is null, report.Body);
        var output = JsonSerializer.Deserialize(report.Body, ContractJson.Default.MergeMarkersOutput)!;
        Assert.Equal((1, 0, true), (output.Files, output.FilesRejected, output.InOrder));
        Assert.Equal(1, await _analytics.ScalarAsync<long>("SELECT max(number) FROM cdc.markers"));
        Assert.Contains("The input of merge-markers is wrong: $.lake is missing.", refused.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_merge_of_markers_that_runs_out_of_time_says_so()
    {
        await MarkerAsync(1);
        await using var process = Start("merge-markers");
        await process.InvokeAsync($$"""{"lake":"{{_lake.Uri}}"}""");
        await MarkerAsync(2);
        await using var other = await _analytics.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var hold = new Npgsql.NpgsqlCommand("LOCK TABLE cdc.markers IN ACCESS EXCLUSIVE MODE", other))
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var report = await process.InvokeAsync($$"""{"lake":"{{_lake.Uri}}"}""", TimeSpan.FromSeconds(3));

        Assert.Equal("OutOfTime", report.ErrorType);
        Assert.Contains("The function merge-markers did not end within its 3 s", report.Body, StringComparison.Ordinal);
    }

    private Task MarkerAsync(int number) => _lake.CdcAsync(
        MarkerTable.Definition, $"SELECT 'I' AS op, {number} AS v, {number}::BIGINT AS number, uuid() AS id, 60 AS interval_seconds");

    private BundleProcess Start(string function, params (string, string)[] environment) => new(
        function,
        [
            ("CDCDMS_SOURCE", _source.ConnectionString),
            ("CDCDMS_TARGET", _analytics.ConnectionString),
            ("CDCDMS_S3_ENDPOINT", servers.S3Server.Endpoint.AbsoluteUri),
            ("AWS_ACCESS_KEY_ID", servers.S3Server.AccessKeyId),
            ("AWS_SECRET_ACCESS_KEY", servers.S3Server.SecretAccessKey),
            .. environment,
        ]);
}
