using Amazon.Runtime;
using CdcDms.Aws;
using CdcDms.Functions.Health;
using CdcDms.Functions.Lifecycle;
using CdcDms.Functions.Tests.Aws;
using CdcDms.Functions.Tests.Lifecycle;

namespace CdcDms.Functions.Tests.Health;

public sealed class ReplicationHealthFunctionTests : IDisposable
{
    private const double Then = 1795360000.5;
    private static readonly RecordedLoad Completed = new("Table completed", Then, Then + 60);

    private readonly DmsStandIn _dms = new();

    public ReplicationHealthFunctionTests()
    {
        _dms.Tasks["shop-1"] = new HeldReplication("running");
        _dms.Serverless["shop-1"] = new HeldReplication("running");
    }

    public void Dispose() => _dms.Dispose();

    [Theory]
    [InlineData(ReplicationKind.Task)]
    [InlineData(ReplicationKind.Serverless)]
    public async Task Tables_that_dms_has_suspended_or_does_not_know_are_named_from_every_page(ReplicationKind kind)
    {
        Show(
            ("public.a", Completed), ("public.b", new("Table error", Then, Then + 60)), ("public.c", new("Full load", Then)),
            ("public.d", new("Before load")), ("public.e", new("Table cancelled")), ("public.f", new("Table is being reloaded", Then)),
            ("public.g", new("Some new state", Then)), ("cdcdms.marker", Completed));

        var health = await AskAsync(kind, "a", "b", "c", "d", "e", "f", "g", "ghosts");

        Assert.Equal(
            [
                new StrandedTable("public.b", "Table error"), new("public.e", "Table cancelled"), new("public.g", "Some new state"),
                new("public.ghosts", "not captured"),
            ],
            health.NotReplicating);
        Assert.Equal((4, 8, 3, true, "running"), (health.TablesNotReplicating, health.Tables, health.Loading, health.Runs, health.Status));
    }

    [Fact]
    public async Task A_replication_that_has_not_read_its_tables_yet_has_lost_none()
    {
        var health = await AskAsync(ReplicationKind.Task, "a");

        Assert.Empty(health.NotReplicating);
        Assert.Equal(0, health.Tables);
    }

    [Fact]
    public async Task Files_of_a_feed_are_not_for_dms_to_capture()
    {
        Show(("public.a", Completed));
        var feed = new TableDefinition
        {
            Schema = "public",
            Name = "feed",
            Target = "analytics.feed",
            Feed = new() { Prefix = "feeds/rates/" },
        };

        Assert.Empty((await RunAsync(ReplicationKind.Task, [feed])).NotReplicating);
    }

    [Fact]
    public async Task The_first_hundred_are_named_and_all_are_counted()
    {
        Show([.. Enumerable.Range(0, 130).Select(n => ($"public.t{n:000}", new RecordedLoad("Table error", Then, Then)))]);

        var health = await AskAsync(ReplicationKind.Task);

        Assert.Equal((100, 130), (health.NotReplicating.Count, health.TablesNotReplicating));
        Assert.Equal("public.t099", health.NotReplicating[^1].Table);
    }

    [Theory]
    [InlineData("stopped", false)]
    [InlineData("failed", false)]
    [InlineData("starting", true)]
    [InlineData("modifying", true)]
    [InlineData("deleting", false)]
    public async Task A_replication_that_rests_does_not_run(string status, bool runs)
    {
        _dms.Tasks["shop-1"] = new HeldReplication(status);

        Assert.Equal((status, runs), await Status());

        async Task<(string, bool)> Status() => await AskAsync(ReplicationKind.Task) is { } health ? (health.Status, health.Runs) : default;
    }

    [Fact]
    public async Task A_replication_that_does_not_exist_is_missing()
    {
        _dms.Tasks.Clear();

        var health = await AskAsync(ReplicationKind.Task, "a");

        Assert.Equal(("missing", false, "task shop-1"), (health.Status, health.Runs, health.Name));
        Assert.Empty(health.NotReplicating);
    }

    [Fact]
    public async Task The_engines_end_is_that_of_the_instances_own_version_from_every_page()
    {
        _dms.Tables.Engine = ("3.6.1", 1900000000);

        var health = await AskAsync(ReplicationKind.Task);

        Assert.Equal(("3.6.1", DateTime.UnixEpoch.AddSeconds(1900000000)), (health.EngineVersion, health.EngineEndUtc));
        Assert.Null((await AskAsync(ReplicationKind.Serverless)).EngineVersion);
        _dms.Tables.Engine = ("3.6.1", null);
        Assert.Null((await AskAsync(ReplicationKind.Task)).EngineEndUtc);
    }

    [Fact]
    public async Task Tables_are_told_also_when_the_engine_may_not_be_asked_for()
    {
        Show(("public.a", new("Table error", Then, Then)));
        _dms.Errors["DescribeEngineVersions"] = new([(400, """{"__type":"AccessDeniedException","message":"not authorized"}""")]);

        var health = await AskAsync(ReplicationKind.Task, "a");

        Assert.Equal((1, null), (health.TablesNotReplicating, health.EngineVersion));
    }

    [Fact]
    public async Task A_refusal_of_aws_is_told_with_what_to_look_at()
    {
        _dms.Errors["DescribeTableStatistics"] = new([(400, """{"__type":"AccessDeniedException","message":"not authorized"}""")]);

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => AskAsync(ReplicationKind.Task));

        Assert.Equal(ErrorKind.Unavailable, fault.Kind);
        Assert.Equal(
            "The task shop-1 could not be looked at, since AWS refused what that needs, AccessDeniedException: not authorized. Look at the "
            + "permissions of the function replication-health; the next look tries again.",
            fault.Message);
    }

    private void Show(params (string Name, RecordedLoad Load)[] tables)
    {
        foreach (var (name, load) in tables)
            _dms.Tables.Tables[name] = new RecordedTable(load);
    }

    private Task<ReplicationHealth> AskAsync(ReplicationKind kind, params string[] tables) =>
        RunAsync(kind, [.. tables.Select(name => new TableDefinition { Schema = "public", Name = name, Target = $"analytics.{name}" })]);

    private async Task<ReplicationHealth> RunAsync(ReplicationKind kind, IReadOnlyList<TableDefinition> tables)
    {
        var credentials = new SessionAWSCredentials(SignatureCheck.AccessKey, SignatureCheck.SecretKey, SignatureCheck.Token);
        var function = new ReplicationHealthFunction(new DmsApi(new AwsApi(_dms.Url, "dms", SignatureCheck.Region, credentials)));
        var input = new ReplicationHealthInput { Tables = tables, Kind = kind, Identifier = "shop-1" };
        return (await function.RunAsync(input, TestContext.Current.CancellationToken)).Health;
    }
}
