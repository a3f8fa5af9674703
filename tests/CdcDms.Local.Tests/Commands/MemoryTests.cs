using System.Globalization;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>
/// Memory does not grow with the batch. <c>CDCDMS_MILLION_CHANGES</c> says how many million changes; the documented figure is of 16.
/// </summary>
public sealed class MemoryTests(TestServers servers)
{
    private const int Keys = 300_000;
    // Without a common divisor, so that every file has every key.
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
        var millions = int.Parse(Environment.GetEnvironmentVariable("CDCDMS_MILLION_CHANGES") ?? "2", CultureInfo.InvariantCulture);
        using var lake = await TestLake.CreateAsync(servers);
        await using var analytics = await servers.CreateDatabaseAsync();
        for (var file = 0; file < millions; file++)
        {
            var made = DateTime.UtcNow.Date.AddSeconds(file);
            await lake.PutAsync(
                lake.Uri.CdcKey(Things.Source, made, made),
                $"""
                SELECT 'U' AS "Op", '2026-01-02 03:04:05.678901' AS cdc_timestamp, ({file} + range * {Stride}) % {Keys} AS id, '{file} ' || range AS name,
                    '2026010203040567' || lpad(({file} * 1000000 + range)::VARCHAR, 19, '0') AS cdc_change_seq FROM range(1000000)
                """,
                "COMPRESSION uncompressed");
        }

        var definitions = Path.GetTempFileName();
        await File.WriteAllTextAsync(definitions, System.Text.Json.JsonSerializer.Serialize([Things], Output.LocalJson.Default.IReadOnlyListTableDefinition));
        using var merge = CommandLine.Start(
            servers, ["merge", "--target", analytics.ConnectionString, "--tables", definitions, .. CommandLine.Lake(servers, lake.Uri)]);
        var (exitCode, errors, peakKilobytes) = await merge.MeasureAsync();
        File.Delete(definitions);

        Assert.True(exitCode == 0, errors);
        Assert.Equal((1L, millions * 1_000_000L), (await analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.batches"), await analytics.ScalarAsync<long>("SELECT sum(read)::bigint FROM cdc.batches")));
        // Of every key the last change, which is among the last rows of the last file.
        Assert.Equal(Keys, await analytics.ScalarAsync<long>(
            $"""
            SELECT count(*) FROM (SELECT id, split_part(name, ' ', 1)::bigint AS file, split_part(name, ' ', 2)::bigint AS row FROM analytics.things) t
            WHERE file = {millions - 1} AND row >= 1000000 - {Keys} AND (file + row * {Stride}) % {Keys} = id
            """));
        Assert.True(peakKilobytes < MostKilobytes, $"It took {peakKilobytes} KB.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{millions} million changes: {peakKilobytes / 1024} MB");
    }
}
