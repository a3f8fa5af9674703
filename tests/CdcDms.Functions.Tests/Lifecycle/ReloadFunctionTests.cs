using Amazon.Runtime;
using CdcDms.Aws;
using CdcDms.Functions.Lifecycle;
using CdcDms.Functions.Tests.Aws;

namespace CdcDms.Functions.Tests.Lifecycle;

public sealed class ReloadFunctionTests : IDisposable
{
    private const double Old = 1795360000.123;
    private const double New = 1795370000.123;
    private const string Orders = "public.orders";
    private static readonly RecordedLoad Before = new("Table completed", Old, Old + 60);
    private static readonly RecordedLoad Completed = new("Table completed", New, New + 60);

    private readonly DmsStandIn _dms = new();

    public ReloadFunctionTests()
    {
        _dms.Tasks["shop-1"] = new HeldReplication("running");
        _dms.Serverless["shop-1"] = new HeldReplication("running");
        foreach (var other in (string[])["public.a", "public.b", "public.z"])
            _dms.Tables.Tables[other] = new RecordedTable(Before);
    }

    public void Dispose() => _dms.Dispose();

    [Theory]
    [InlineData(ReplicationKind.Task)]
    [InlineData(ReplicationKind.Serverless)]
    public async Task A_load_has_ended_when_it_is_another_than_before_and_its_end_is_after_its_start(ReplicationKind kind)
    {
        // DMS answers at once, and shows the load before for a while.
        Captured(
            new RecordedTable(Before)
            {
                WhenReloaded =
                [
                    Before, new("Table is being reloaded", Old, Old + 60), new("Full load", New), new("Table completed", New, Old + 60),
                    Completed,
                ],
            });

        var asked = await RunAsync(kind: kind);
        var looks = await LookAsync(asked, times: 5, kind);

        Assert.Equal([Orders], _dms.Tables.Reloaded);
        Assert.Equal([false, false, false, false, true], looks.Select(look => look.Loaded));
    }

    [Theory]
    [InlineData("Before load", null)]
    [InlineData("Full load", New)]
    [InlineData("Table is being reloaded", Old)]
    public async Task A_load_that_is_under_way_is_followed_and_not_asked_for_again(string state, double? start)
    {
        Captured(new RecordedTable(new RecordedLoad(state, start, start is Old ? Old + 60 : null), new("Full load", New), Completed));

        var looks = await LookAsync(await RunAsync(), times: 2);

        Assert.Empty(_dms.Tables.Reloaded);
        Assert.Equal([false, true], looks.Select(look => look.Loaded));
    }

    [Fact]
    public async Task An_empty_table_whose_load_before_looks_complete_is_waited_for()
    {
        Captured(new RecordedTable(Before) { WhenReloaded = [Before, Before, Before] });

        Assert.All(await LookAsync(await RunAsync(), times: 3), look => Assert.False(look.Loaded));
    }

    [Fact]
    public async Task A_suspended_table_is_loaded_though_dms_shows_its_error_for_a_while()
    {
        var suspended = new RecordedLoad("Table error", Old, Old + 60);
        Captured(new RecordedTable(suspended) { WhenReloaded = [suspended, suspended, new("Full load", New), Completed] });

        Assert.Equal([false, false, false, true], (await LookAsync(await RunAsync(), times: 4)).Select(look => look.Loaded));
    }

    [Theory]
    [InlineData("Table error", New, 0, "its state is 'Table error'")]
    [InlineData("Table cancelled", New, 0, "its state is 'Table cancelled'")]
    [InlineData("Table error", Old, 0, "its state is 'Table error'")]
    [InlineData("Table does not exist", Old, 0, "the source has no such table")]
    [InlineData("Table completed", New, 3, "3 of its rows could not be written")]
    public async Task A_load_that_does_not_bring_every_row_fails_with_table_and_cure(
        string state, double start, int errorRows, string because)
    {
        Captured(new RecordedTable(Before) { WhenReloaded = [new RecordedLoad(state, start, start + 60, errorRows)] });
        var asked = await RunAsync();

        var fault = await FaultAsync(asked);

        Assert.Equal(
            (ErrorKind.BadData, $"DMS did not load public.orders again: {because}. The log of the task shop-1 has the cause: cure it, and "
                + "start the reload again."),
            (fault.Kind, fault.Message));
    }

    [Theory]
    [InlineData("Table completed", 30, "the load did not begin within half an hour")]
    [InlineData("Table error", 30, "its state is 'Table error'")]
    public async Task A_load_that_does_not_begin_is_waited_for_for_a_while_only(string state, int minutes, string because)
    {
        Captured(new RecordedTable(new RecordedLoad(state, Old, Old + 60)));
        var load = await RunAsync();

        CdcDmsException? fault = null;
        while (fault is null)
            try
            {
                load = await RunAsync(load);
            }
            catch (CdcDmsException end)
            {
                fault = end;
            }

        Assert.Contains(because, fault.Message, StringComparison.Ordinal);
        Assert.InRange(load.WaitedSeconds, minutes * 60, (minutes + 10) * 60);
    }

    [Fact]
    public async Task A_load_that_never_ends_is_told_after_a_day_of_some_looks()
    {
        Captured(new RecordedTable(Before) { WhenReloaded = [new RecordedLoad("Full load", New)] });
        var load = await RunAsync();
        var (looks, waits) = (0, new List<int>());
        CdcDmsException? fault = null;
        while (fault is null)
            try
            {
                load = await RunAsync(load);
                waits.Add(load.WaitSeconds);
                looks++;
            }
            catch (CdcDmsException end)
            {
                fault = end;
            }

        Assert.Equal(ErrorKind.OutOfTime, fault.Kind);
        Assert.StartsWith("The load of public.orders has not ended within a day; at the end its state was 'Full load'.", fault.Message);
        Assert.InRange(load.WaitedSeconds, 24 * 3600, (24 * 3600) + 600);
        Assert.InRange(looks, 100, 200);
        Assert.All(waits, wait => Assert.InRange(wait, 30, 600));
    }

    [Fact]
    public async Task A_busy_api_is_looked_at_again_later_but_what_was_not_asked_for_is_not_waited_for()
    {
        Captured(new RecordedTable(Before) { WhenReloaded = [Completed] });
        _dms.Errors["ReloadTables"] = new([DmsStandIn.Error("ThrottlingException", "Rate exceeded")]);

        var refused = await FaultAsync(null);
        Assert.Equal(ErrorKind.Unavailable, refused.Kind);
        Assert.Equal(
            "public.orders was not loaded again, since AWS refused what that needs, ThrottlingException: Rate exceeded", refused.Message);

        var asked = await RunAsync();
        _dms.Errors["DescribeTableStatistics"] = new([DmsStandIn.Error("ThrottlingException", "Rate exceeded"), (500, "<html>")]);
        Assert.Equal([false, false, true], (await LookAsync(asked, times: 3)).Select(look => look.Loaded));
    }

    [Theory]
    [InlineData("com.amazonaws.dms#ThrottledException:http://internal.amazon.com/coral/com.amazon.coral.service/")]
    [InlineData("RequestLimitExceeded")]
    [InlineData("KMSThrottlingFault")]
    public async Task Every_word_for_too_many_calls_is_known(string type)
    {
        Captured(new RecordedTable(Before) { WhenReloaded = [Completed] });
        var asked = await RunAsync();
        _dms.Errors["DescribeReplicationTasks"] = new([DmsStandIn.Error(type, "Rate exceeded")]);

        Assert.Equal([false, true], (await LookAsync(asked, times: 2)).Select(look => look.Loaded));
    }

    [Fact]
    public async Task A_table_that_a_later_page_shows_again_counts_as_the_later_says()
    {
        _dms.Tables.PagesOverlap = true;
        Captured(new RecordedTable(Before) { WhenReloaded = [Completed] });

        Assert.True((await LookAsync(await RunAsync(), times: 1))[0].Loaded);
    }

    [Theory]
    [InlineData("starting", true)]
    [InlineData("modifying", true)]
    [InlineData("running", false)]
    public async Task What_a_replication_captures_is_not_asked_before_it_tells_its_tables(string status, bool tells)
    {
        _dms.Tasks["shop-1"] = new HeldReplication(status);
        if (!tells)
            _dms.Tables.Tables.Clear();

        var fault = await FaultAsync(null);

        Assert.Equal(
            (ErrorKind.Unavailable, $"public.orders was not loaded again: the task shop-1 is '{status}' and does not tell its tables yet. "
                + "Start the reload again when it does."),
            (fault.Kind, fault.Message));
    }

    [Fact]
    public async Task A_replication_that_stands_still_is_the_reason_and_one_that_a_deploy_starts_again_is_waited_for()
    {
        Captured(new RecordedTable(Before) { WhenReloaded = [Completed] });
        var asked = await RunAsync();
        _dms.Tasks["shop-1"] = new HeldReplication("starting");
        Assert.False((await RunAsync(asked)).Loaded);

        _dms.Tasks["shop-1"] = new HeldReplication("stopped") { Cause = "Stop Reason NORMAL" };
        foreach (var load in (ReloadOutput?[])[null, asked])
        {
            var fault = await FaultAsync(load);
            Assert.Equal(
                (ErrorKind.Unavailable, "public.orders was not loaded again: the task shop-1 is 'stopped', and DMS loads tables only while "
                    + "it runs. DMS says: Stop Reason NORMAL. Resume it, and start the reload again."),
                (fault.Kind, fault.Message));
        }
    }

    [Fact]
    public async Task What_no_reload_can_do_is_told_with_the_cure()
    {
        Assert.Equal(
            "public.orders was not loaded again: the task shop-1 does not capture it. Correct the name, or add the table to the "
            + "environment file and deploy.",
            (await FaultAsync(null)).Message);

        _dms.Tasks["shop-1"] = new HeldReplication("running") { MigrationType = "cdc" };
        Assert.Equal(
            "public.orders was not loaded again: the task shop-1 reads changes only and loads no rows. Prove the table with repair "
            + "instead.",
            (await FaultAsync(null)).Message);

        _dms.Tasks.Clear();
        var gone = await FaultAsync(null);
        Assert.Equal(
            (ErrorKind.BadDefinition, "public.orders was not loaded again: the task shop-1 does not exist. Deploy the environment."),
            (gone.Kind, gone.Message));
    }

    private void Captured(RecordedTable table) => _dms.Tables.Tables[Orders] = table;

    private async Task<IReadOnlyList<ReloadOutput>> LookAsync(
        ReloadOutput asked, int times, ReplicationKind kind = ReplicationKind.Task)
    {
        var looks = new List<ReloadOutput>();
        for (var load = asked; looks.Count < times; looks.Add(load))
            load = await RunAsync(load, kind);
        return looks;
    }

    private async Task<CdcDmsException> FaultAsync(ReloadOutput? load) =>
        await Assert.ThrowsAsync<CdcDmsException>(() => RunAsync(load));

    private Task<ReloadOutput> RunAsync(ReloadOutput? load = null, ReplicationKind kind = ReplicationKind.Task)
    {
        var credentials = new SessionAWSCredentials(SignatureCheck.AccessKey, SignatureCheck.SecretKey, SignatureCheck.Token);
        return new ReloadFunction(new DmsApi(new AwsApi(_dms.Url, "dms", SignatureCheck.Region, credentials))).RunAsync(
            new ReloadInput
            {
                Table = new TableDefinition { Schema = "public", Name = "orders", Target = "analytics.orders" },
                Kind = kind,
                Identifier = "shop-1",
                Load = load,
            },
            TestContext.Current.CancellationToken);
    }
}
