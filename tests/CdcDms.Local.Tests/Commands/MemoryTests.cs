using System.Globalization;
using CdcDms.Contract.Tables;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>
/// Memory does not grow with the batch. <c>CDCDMS_MILLION_CHANGES</c> says how many million changes, <c>CDCDMS_THOUSAND_KEYS</c> of how
/// many thousand rows; the documented figures are of 16 million changes. <c>CDCDMS_THOUSAND_FILES</c> says how many thousand small files
/// wait; the documented figures are of 100,000.
/// </summary>
public sealed class MemoryTests(TestServers servers)
{
    // Without a divisor that the number of keys has too, so that as many changes in a row as there are keys have each key once.
    private const int Stride = 7919;
    private const long MostKilobytes = 1024 * 1024;

    private static readonly TableDefinition Things = new()
    {
        Schema = "public",
        Name = "things",
        Target = "analytics.things",
        Key = ["id"],
        Columns = [new() { From = "id", To = "id", Type = "bigint" }, new() { From = "name", To = "name", Type = "text" }],
    };

    [Fact]
    public async Task Millions_of_changes_merge_in_one_batch_within_a_gibibyte()
    {
        var millions = Setting("CDCDMS_MILLION_CHANGES", 2);
        var keys = 1000 * Setting("CDCDMS_THOUSAND_KEYS", 300);
        using var lake = await TestLake.CreateAsync(servers);
        await using var analytics = await servers.CreateDatabaseAsync();
        for (var file = 0; file < millions; file++)
        {
            var made = DateTime.UtcNow.Date.AddSeconds(file);
            await lake.PutAsync(
                lake.CdcKey(Things, made, made),
                $"""
                SELECT 'U' AS "Op", '2026-01-02 03:04:05.678901' AS cdc_timestamp, range * {Stride} % {keys} AS id,
                  'change ' || range AS name,
                    '2026010203040567' || lpad(range::VARCHAR, 19, '0') AS cdc_change_seq FROM range({file}000000, {file + 1}000000)
                """,
                "COMPRESSION uncompressed");
        }

        var peakKilobytes = await MergeAsync(lake, analytics);

        Assert.Equal((1L, millions * 1_000_000L), (
            await analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.batches"),
            await analytics.ScalarAsync<long>("SELECT sum(read)::bigint FROM cdc.batches")));
        // Of every key the last change.
        Assert.Equal(keys, await analytics.ScalarAsync<long>(
            $"""
            SELECT count(*) FROM (SELECT id, substr(name, 8)::bigint AS change FROM analytics.things) t
            WHERE change >= {millions * 1_000_000L - keys} AND change * {Stride} % {keys} = id
            """));
        TestContext.Current.TestOutputHelper?.WriteLine($"{millions} million changes of {keys} rows: {peakKilobytes / 1024} MB");
    }

    [Fact]
    public async Task Thousands_of_small_files_merge_batch_by_batch_within_a_gibibyte()
    {
        const int rows = 100;
        const int filesOfBatch = 5000;
        var files = 1000 * Setting("CDCDMS_THOUSAND_FILES", 6);
        using var lake = await TestLake.CreateAsync(servers);
        await using var analytics = await servers.CreateDatabaseAsync();
        // The file that tells row 0 has the same bytes as each hundredth after it, and so on.
        var contents = new List<byte[]>();
        for (var id = 0; id < rows; id++)
            contents.Add(await lake.BytesAsync(await lake.PutAsync(
                lake.Uri.Key($"contents/{id}.parquet"),
                $"""
                SELECT 'I' AS "Op", '2026-01-02 03:04:05.678901' AS cdc_timestamp, {id}::BIGINT AS id, 'row {id}' AS name,
                    '{TestLake.Sequence(id + 1)}' AS cdc_change_seq
                """)));
        var today = DateTime.UtcNow.Date;
        await Parallel.ForEachAsync(Enumerable.Range(0, files), async (file, _) =>
        {
            var made = today.AddMilliseconds(file);
            await lake.PutBytesAsync(lake.CdcKey(Things, made, made), contents[file % rows]);
        });

        var began = System.Diagnostics.Stopwatch.StartNew();
        var peakKilobytes = await MergeAsync(lake, analytics);
        var seconds = began.Elapsed.TotalSeconds;

        Assert.Equal(
            string.Join(' ', Enumerable.Range(0, files).Chunk(filesOfBatch).Select(batch => batch.Length)),
            await analytics.ScalarAsync<string>("SELECT string_agg(files::text, ' ' ORDER BY id) FROM cdc.batches"));
        Assert.Equal((files, (long)rows), (
            await analytics.ScalarAsync<long>("SELECT sum(read)::bigint FROM cdc.batches"),
            await analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.things WHERE name = 'row ' || id")));
        TestContext.Current.TestOutputHelper?.WriteLine($"{files} files: {peakKilobytes / 1024} MB, {seconds:0} s");
    }

    /// <summary>Merges what waits, in a process of its own.</summary>
    /// <returns>The most memory that the process had, in kilobytes.</returns>
    private async Task<long> MergeAsync(TestLake lake, TestDatabase analytics)
    {
        var definitions = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            definitions, System.Text.Json.JsonSerializer.Serialize([Things], Views.LocalJson.Default.IReadOnlyListTableDefinition));
        using var merge = CommandLine.Start(
            servers, ["merge", "--target", analytics.ConnectionString, "--tables", definitions, .. CommandLine.Lake(servers, lake.Uri)]);
        var (exitCode, errors, peakKilobytes) = await merge.MeasureAsync();
        File.Delete(definitions);
        Assert.True(exitCode == 0, errors);
        Assert.True(peakKilobytes < MostKilobytes, $"It took {peakKilobytes} KB.");
        return peakKilobytes;
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : otherwise;
}
