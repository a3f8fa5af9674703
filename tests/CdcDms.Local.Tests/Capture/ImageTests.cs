using CdcDms.Testing;

namespace CdcDms.Local.Tests.Capture;

public sealed class ImageTests(TestServers servers)
{
    private const string Changes = "SELECT Op, id, a, b FROM {0} WHERE cdc_change_seq <> '' ORDER BY cdc_change_seq";

    [Fact]
    public async Task Inserts_and_updates_carry_the_whole_row_and_deletes_the_key()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY, a text, b int)", "public.t");
        await test.RunAsync();

        await test.RunAsync("INSERT INTO t VALUES (1, 'x', 2)", "UPDATE t SET b = NULL", "DELETE FROM t");

        Assert.Equal(["I|1|x|2", "U|1|x|∅", "D|1|∅|∅"], await test.ReadAsync("public.t", Changes));
    }
}
