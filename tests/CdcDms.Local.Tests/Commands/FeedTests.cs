using System.Text.Json.Nodes;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>A table that is fed from plain files: merged like the others, but there is no source to capture and to compare with.</summary>
public sealed class FeedTests(TestServers servers) : AsideFixture(servers)
{
    [Fact]
    public async Task A_fed_table_is_merged_and_neither_captured_nor_validated()
    {
        await FeedAsync();

        await SucceedsAsync(StartCapture("--until-idle", "0"));
        await SucceedsAsync(StartMerge());
        string[] validate =
            ["validate", "--source", Source.ConnectionString, "--target", Analytics.ConnectionString, "--tables", Definitions];
        var (exitCode, report, errors) = await JsonAsync(validate);

        Assert.Equal(2, await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.orders"));
        Assert.Equal(
            (0, "shop.orders is fed from plain files: there is no source to compare analytics.orders with."), (exitCode, errors.TrimEnd()));
        Assert.Equal(
            ["public.accounts", "public.entries"], report["tables"]!.AsArray().Select(table => table!["table"]!.GetValue<string>()));
        Assert.True(report["identical"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Where_all_tables_are_fed_there_is_nothing_to_capture()
    {
        await FeedAsync(only: true);

        var (exitCode, output, errors) = await RunAsync(
            ["capture", "--source", Source.ConnectionString, "--tables", Definitions, .. CommandLine.Lake(Servers, Lake)]);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("nothing to capture", errors, StringComparison.Ordinal);
        Assert.Equal(0, await Source.ScalarAsync<long>("SELECT count(*) FROM pg_publication"));
    }

    private async Task FeedAsync(bool only = false)
    {
        var tables = only ? [] : JsonNode.Parse(await File.ReadAllTextAsync(Definitions))!.AsArray();
        tables.Add(JsonNode.Parse(
            """
            {"schema":"shop","name":"orders","target":"analytics.orders","key":["id"],"feed":{"prefix":"processed/orders/"},
             "columns":[{"from":"id","to":"id","type":"integer"},{"from":"total","to":"total","type":"numeric(12,2)"}]}
            """));
        await File.WriteAllTextAsync(Definitions, tables.ToJsonString());
        await PlainFile.PutAsync(
            Servers, Lake, "processed/orders/20260102-030405.parquet", "SELECT * FROM (VALUES (1, 9.5), (2, 7)) t(id, total)");
    }
}
