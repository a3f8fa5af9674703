using System.Text.Json;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

public sealed class DemoTests(TestServers servers)
{
    [Fact]
    public async Task The_demo_ends_identical_and_accounts_for_every_row()
    {
        var (exitCode, output, errors) = await CommandLine.RunAsync(servers, "demo", "--rows", "2000", "--seconds", "4", "--json");

        Assert.True(exitCode == 0, output + errors);
        using var report = JsonDocument.Parse(output);
        long Count(string name) => report.RootElement.GetProperty(name).GetInt64();
        Assert.True(report.RootElement.GetProperty("identical").GetBoolean());
        Assert.Equal(["public.customers", "public.order_items", "public.orders", "public.products"],
            report.RootElement.GetProperty("tables").EnumerateArray().Select(table => table.GetProperty("name").GetString()));
        Assert.Equal(0, Count("keysDifferent"));
        Assert.True(Count("changesCaptured") > 100, output);
        Assert.True(Count("proofsJudged") > 0, output);
        Assert.Equal(Count("snapshotRows") + Count("changesCaptured"), Count("rowsRead") + Count("markers"));
        Assert.InRange(Count("markers"), 1, 1000);
        Assert.True(
            Count("inserted") + Count("updated") + Count("deleted") + Count("superseded") + Count("stale") <= Count("rowsRead"), output);
        Assert.All(["inserted", "updated", "deleted", "superseded"], name => Assert.True(Count(name) > 0, output));
    }
}
