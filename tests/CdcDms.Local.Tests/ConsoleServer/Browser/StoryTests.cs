using Amazon.Runtime;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Local.ConsoleServer;
using CdcDms.Local.Operations;
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
        await using var console = await RunningConsole.StartAsync(Places());
        await using var page = await browser.OpenAsync(console.Address);
        await page.SeesAsync("2 tables, followed live.");
        await page.SeesAsync("3,000 inserted");

        await Source.ExecuteAsync("INSERT INTO accounts SELECT n, n, 'more ' || n FROM generate_series(5001, 5017) n");
        await ArriveAsync();
        await page.SeesAsync("17 inserted");

        await CaptureRefusedAccountAsync();
        await MergeAsync();
        await page.SeesAsync("1 quarantined");
        await page.GoAsync("#/tables/analytics.accounts");
        await page.SeesAsync("refused: ");
        await page.SeesNoMoreAsync("2000000");
        await page.PressAsync("Show values");
        await page.SeesAsync("2000000");
        await Analytics.ExecuteAsync("ALTER TABLE analytics.accounts DROP CONSTRAINT poor");
        await CureAsync(page, "Try again", "1 change applied or outdated.");
        await page.SeesNoMoreAsync("refused: ");

        await Analytics.ExecuteAsync("UPDATE analytics.accounts SET note = 'damaged' WHERE id = 7");
        using (var end = new CancellationTokenSource())
        {
            var capturing = CaptureAsync(untilIdle: null, intervalSeconds: 1, end.Token);
            await CureAsync(page, "Compare all and repair", "1 row differed, and 1 of these were repaired.");
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

    private static async Task CureAsync(WatchedPage page, string cure, string told)
    {
        await page.PressAsync(cure);
        await page.PressAsync("Do it");
        await page.SeesAsync(told);
    }

    private ConsolePlaces Places()
    {
        var places = new ConnectedPlaces
        {
            Source = Source.ConnectionString,
            Target = Analytics.ConnectionString,
            Lake = Lake,
            S3Endpoint = Servers.S3Server.Endpoint,
            S3Credentials = new BasicAWSCredentials(Servers.S3Server.AccessKeyId, Servers.S3Server.SecretAccessKey),
            Tables = async _ => new TableList(await TablesAsync(), []),
            FileSeconds = 2,
        };
        return new ConsolePlaces
        {
            Operations = new ConnectedOperations(places),
            HasDefinitions = true,
            MayOperate = true,
            Waits = () => new OwnMerges(places),
        };
    }
}
