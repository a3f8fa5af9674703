using static CdcDms.Functions.Tests.Lifecycle.StackDeployment;

namespace CdcDms.Functions.Tests.Lifecycle;

/// <summary>A deployment that adds tables to a replication which has worked.</summary>
public sealed class AddedTableLoadTests : IDisposable
{
    private static readonly RecordedLoad Loaded = new("Table completed", 1795360000.123, 1795360060.5);
    private static readonly RecordedLoad Waiting = new("Before load");

    private readonly StackDeployment _deployment = new();

    public AddedTableLoadTests()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("stopped") { RecoveryCheckpoint = "checkpoint:V1#1", TablesLoaded = 1 };
        Tables["public.orders"] = new RecordedTable(Loaded);
    }

    private Dictionary<string, RecordedTable> Tables => _deployment.Dms.Tables.Tables;

    private List<string> Reloaded => _deployment.Dms.Tables.Reloaded;

    public void Dispose() => _deployment.Dispose();

    [Fact]
    public async Task A_table_that_does_not_begin_to_load_by_itself_is_asked_for_and_no_other_is()
    {
        Tables["public.returns"] = new RecordedTable(Waiting);

        (await AddAsync("public.returns")).Succeeded();

        Assert.Equal("resume-processing shop-1", _deployment.Dms.Calls[^1]);
        Assert.Equal(["public.returns"], Reloaded);
    }

    [Fact]
    public async Task A_table_that_dms_loads_by_itself_is_left_alone()
    {
        Tables["public.returns"] = new RecordedTable(Waiting, Waiting, new("Full load", 1795370000.123));

        (await AddAsync("public.returns")).Succeeded();

        Assert.Empty(Reloaded);
    }

    [Fact]
    public async Task Ten_tables_are_asked_for_at_a_time()
    {
        var added = Enumerable.Range(0, 12).Select(n => $"public.t{n:D2}").ToArray();
        foreach (var table in added)
            Tables[table] = new RecordedTable(Waiting);

        (await AddAsync(added)).Succeeded();

        Assert.Equal([string.Join(",", added[..10]), string.Join(",", added[10..])], Reloaded);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Table does not exist")]
    public async Task A_table_that_is_not_captured_fails_the_deployment_with_the_cure(string? state)
    {
        if (state is not null)
            Tables["public.returns"] = new RecordedTable(new RecordedLoad(state));

        (await AddAsync("public.returns")).Failed(
            "The task shop-1 runs and does not capture public.returns: create the table at the source and let DMS's role read it, or "
            + "correct its name in the environment file, and deploy again.");
    }

    [Fact]
    public async Task A_busy_api_is_asked_again()
    {
        Tables["public.returns"] = new RecordedTable(Waiting);
        var busy = DmsStandIn.Error("ThrottlingException", "Rate exceeded");
        _deployment.Dms.Errors["DescribeTableStatistics"] = new([busy, busy]);
        _deployment.Dms.Errors["ReloadTables"] = new([busy]);

        (await AddAsync("public.returns")).Succeeded();

        Assert.Equal(["public.returns"], Reloaded);
    }

    [Fact]
    public async Task The_first_start_loads_every_table_by_itself_and_a_replication_that_loads_nothing_is_not_asked()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("ready");
        Tables["public.orders"] = new RecordedTable(Waiting);

        (await _deployment.CreateAsync(After() with { Tables = ["public.orders"] })).Succeeded();
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("stopped");
        (await _deployment.UpdateAsync(After(), After() with { Fingerprint = "b" })).Succeeded();

        Assert.Empty(Reloaded);
    }

    [Fact]
    public async Task A_deployment_from_before_tables_were_named_loads_those_that_never_were_and_misses_none()
    {
        Tables["public.returns"] = new RecordedTable(Waiting);

        (await _deployment.UpdateAsync(
            After(), After() with { Fingerprint = "b", Tables = ["public.orders", "public.returns", "public.ghosts"] })).Succeeded();

        Assert.Equal(["public.returns"], Reloaded);
    }

    private Task<ReceivedAnswer> AddAsync(params string[] added) => _deployment.UpdateAsync(
        After() with { Tables = ["public.orders"] },
        After() with { Fingerprint = "b", Tables = ["public.orders", .. added] });
}
