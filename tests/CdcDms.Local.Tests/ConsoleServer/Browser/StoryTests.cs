using CdcDms.Contract;
using CdcDms.Local.Tests.Commands;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.ConsoleServer.Browser;

/// <summary>What happens to a pipeline, and what an operator does about it, all of it in the page.</summary>
public sealed class StoryTests(TestServers servers, InstalledChromium browser) : AsideFixture(servers)
{
    [Fact]
    public async Task Rows_arrive_a_bad_one_is_tried_again_a_damaged_one_is_repaired_and_a_parked_table_goes_on()
    {
        await ArriveAsync();
        using var console = await OperateAsync();
        await using var page = await browser.OpenAsync(console.Address);
        await page.SeesAsync("2 tables, followed live.");
        await page.SeesAsync("3,000 inserted");

        await Source.ExecuteAsync("INSERT INTO accounts SELECT n, n, 'more ' || n FROM generate_series(5001, 5017) n");
        await ArriveAsync();
        await page.SeesAsync("17 inserted");

        await CaptureRefusedAccountAsync();
        await Source.ExecuteAsync("UPDATE accounts SET balance = 2000000 WHERE id IN (15, 16)");
        await CaptureAsync();
        await MergeAsync();
        await page.SeesAsync("3 quarantined");
        await page.GoAsync("#/tables/analytics.accounts");
        await page.SeesAsync("Not proven: generation 1 began, and its full load was merged at 20");
        await page.SeesAsync("refused: ");
        await page.SeesNoMoreAsync("2000000");
        await page.PressAsync("Show values");
        await page.SeesAsync("2000000");
        await page.AssertAccessibleAsync();
        await Analytics.ExecuteAsync("ALTER TABLE analytics.accounts DROP CONSTRAINT poor");
        await CureAsync(page, "Try again", "1 change applied or outdated.");
        await CureAsync(page, "Try all again", "2 changes applied or outdated.");
        await page.SeesNoMoreAsync("refused: ");

        await Analytics.ExecuteAsync("UPDATE analytics.accounts SET note = 'damaged' WHERE id = 7");
        using (var end = new CancellationTokenSource())
        {
            var capturing = CaptureAsync(untilIdle: null, intervalSeconds: 1, end.Token);
            await ProveAsync();
            await page.SeesAsync("Rows that differ: 1");
            await page.SeesAsync("id = 7");
            await page.AssertAccessibleAsync();
            await CureAsync(page, "Repair these rows", "1 row differed, and 1 of these were repaired.");
            await page.SeesNoMoreAsync("Rows that differ");
            await Analytics.ExecuteAsync("DELETE FROM analytics.accounts WHERE id BETWEEN 8 AND 9");
            await CureAsync(page, "Compare all and repair", "2 rows differed, and 2 of these were repaired.");
            await end.CancelAsync();
            await ((Task)capturing).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        await page.SeesAsync("Different, whole table");
        await AssertIdenticalAsync();

        var unreadable = await PutUnreadableAsync(11);
        await Assert.ThrowsAsync<CdcDmsException>(MergeAsync);
        await page.SeesAsync("State: parked");
        foreach (var key in unreadable)
            await Servers.S3.DeleteObjectAsync(Lake.Bucket, key);
        await CureAsync(page, "Resume", "The next merge goes on with analytics.accounts.");
        await page.SeesAsync("State: replicating");
        await ArriveAsync();
        await AssertIdenticalAsync();
    }

    // It finds the damaged row, and repairs nothing.
    private async Task ProveAsync()
    {
        var (exitCode, output, errors) = await RunAsync(["validate", .. Reached, "--wait"]);
        Assert.True(exitCode == 1, output + errors);
        Assert.Equal("damaged", await Analytics.ScalarAsync<string>("SELECT note FROM analytics.accounts WHERE id = 7"));
    }

    private static async Task CureAsync(WatchedPage page, string cure, string told)
    {
        await page.PressAsync(cure);
        await page.PressAsync("Do it");
        await page.SeesAsync(told);
    }

    private Task<ConsoleProcess> OperateAsync() => ConsoleProcess.StartAsync(
        new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = Servers.S3Server.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = Servers.S3Server.SecretAccessKey,
        },
        [.. Reached, "--operate"]);

    // Where everything is, for a verb.
    private string[] Reached =>
    [
        "--source", Source.ConnectionString, "--target", Analytics.ConnectionString, "--tables", Definitions,
        .. CommandLine.Lake(Servers, Lake), "--file-seconds", "1",
    ];
}
