using static CdcDms.Functions.Tests.Lifecycle.StackDeployment;

namespace CdcDms.Functions.Tests.Lifecycle;

public sealed class ReplacementTests : IDisposable
{
    private readonly StackDeployment _deployment = new();

    public ReplacementTests() => _deployment.Dms.Tasks["shop-1"] = new HeldReplication("running");

    public void Dispose() => _deployment.Dispose();

    public static TheoryData<LifecycleProperties, string> Replacing => new()
    {
        { Before(2), "generation (1 to 2)" },
        { Before() with { Identifier = "store-1" }, "identifier (shop-1 to store-1)" },
        { Before() with { Kind = ReplicationKind.Serverless }, "kind (Task to Serverless)" },
        { Identity("instance identifier", "store-1"), "instance identifier (shop-1 to store-1)" },
        { Identity("target endpoint KMS key", "key"), "target endpoint KMS key (none to key)" },
        { Before(2) with { AllowReplacementForGeneration = 3 }, "generation (1 to 2)" },
        {
            Identity("instance identifier", "store-1") with { AllowReplacementForGeneration = 1 },
            "instance identifier (shop-1 to store-1)"
        },
        { Before(0) with { AllowReplacementForGeneration = 0 }, "generation (1 to 0)" },
    };

    [Theory]
    [MemberData(nameof(Replacing), DisableDiscoveryEnumeration = true)]
    public async Task What_would_load_every_table_again_is_refused_before_anything_stops(LifecycleProperties to, string because)
    {
        var answer = await _deployment.UpdateAsync(Before(), to with { Fingerprint = "b" });

        answer.Failed(because);
        answer.Failed("would replace the replication shop-1 and load every table again");
        Assert.Empty(_deployment.Dms.Calls);
    }

    /// <summary>A setting, what it is changed to, what is said, and whether a new generation that is allowed may change it.</summary>
    public static TheoryData<string, string, string, bool> FixedChanges => new()
    {
        {
            FixedSettings.MigrationType, "cdc",
            "would change the migration type of the replication shop-1 from full-load-and-cdc to cdc, which AWS refuses", true
        },
        {
            FixedSettings.Route, "kinesis",
            "would take the changes of the replication shop-1 another way, kinesis instead of direct", true
        },
        { FixedSettings.LakePrefix, "new", "write into another lake, because of lake prefix (cdc to new)", false },
        { FixedSettings.LakeBucket, "other", "because of lake bucket (lake to other): files that wait in the old one", false },
        {
            FixedSettings.Analytics, "b:5432/analytics",
            "would merge into the analytics database b:5432/analytics instead of a:5432/analytics", true
        },
        { FixedSettings.LakeKey, "b", "would encrypt the lake by another key (a to b): the functions could not read", false },
        {
            FixedSettings.Source, "b:5432/shop",
            "would go on with the source database b:5432/shop where it stopped in a:5432/shop: another server has neither the slot", true
        },
        { "name of a later version", "y", "would change what cannot be changed in place: name of a later version (x to y)", false },
    };

    [Theory]
    [MemberData(nameof(FixedChanges))]
    public async Task What_cannot_be_changed_in_place_is_refused_before_anything_stops_with_a_sentence_of_its_own(
        string name, string value, string because, bool isOfGenerations)
    {
        var to = Fixed(Before(), name, value) with { Fingerprint = "b" };

        var answer = await _deployment.UpdateAsync(Fixed(Before()), to);

        answer.Failed(because);
        answer.Failed("Nothing was stopped.");
        Assert.DoesNotContain("load every table again, because", answer.Reason, StringComparison.Ordinal);
        Assert.Equal(isOfGenerations, answer.Reason!.Contains("set the generation to 2", StringComparison.Ordinal));
        Assert.Empty(_deployment.Dms.Calls);

        _deployment.StackStatus = "UPDATE_ROLLBACK_IN_PROGRESS";
        (await _deployment.UpdateAsync(to, Fixed(Before()))).Succeeded();
        Assert.Empty(_deployment.Dms.Calls);
    }

    [Theory]
    [MemberData(nameof(FixedChanges))]
    public async Task A_new_generation_may_have_another_type_and_fill_another_database_and_never_another_lake(
        string name, string value, string because, bool isOfGenerations)
    {
        var to = Fixed(Before(2), name, value) with { Fingerprint = "b", AllowReplacementForGeneration = 2 };

        var answer = await _deployment.UpdateAsync(Fixed(Before()), to);

        if (isOfGenerations)
            answer.Succeeded();
        else
            answer.Failed(because);
    }

    [Fact]
    public async Task Of_an_analytics_database_that_was_moved_with_its_ledger_that_is_said_and_nothing_stops()
    {
        var to = Fixed(Before(), FixedSettings.Analytics, "b:5432/analytics");

        (await _deployment.UpdateAsync(Fixed(Before()), to with { AnalyticsMovedFrom = "other:5432/analytics" }))
            .Failed("say so by analytics.movedFrom: \"a:5432/analytics\"");
        (await _deployment.UpdateAsync(Fixed(Before()), to with { AnalyticsMovedFrom = "a:5432/analytics" })).Succeeded();

        Assert.Empty(_deployment.Dms.Calls);
    }

    [Fact]
    public async Task Of_a_source_whose_server_has_another_name_that_is_said_and_nothing_stops()
    {
        var to = Fixed(Before(), FixedSettings.Source, "b:5432/shop");

        (await _deployment.UpdateAsync(Fixed(Before()), to with { AnalyticsMovedFrom = "a:5432/shop" }))
            .Failed("say so by source.movedFrom: \"a:5432/shop\"");
        (await _deployment.UpdateAsync(Fixed(Before()), to with { SourceMovedFrom = "a:5432/shop" })).Succeeded();

        Assert.Empty(_deployment.Dms.Calls);
    }

    [Fact]
    public async Task A_deployment_that_told_nothing_of_what_is_fixed_may_be_followed_by_any()
    {
        (await _deployment.UpdateAsync(Before(), Fixed(Before()))).Succeeded();

        Assert.Empty(_deployment.Dms.Calls);
    }

    [Fact]
    public async Task A_new_generation_that_is_allowed_by_name_stops_the_old_task_and_starts_the_new_one()
    {
        var (before, after) = (Next(Before(2)), Next(After(2)));

        (await _deployment.UpdateAsync(Before(), before)).Succeeded();
        _deployment.Dms.Tasks["shop-2"] = new HeldReplication("ready");
        (await _deployment.UpdateAsync(After(), after)).Succeeded();

        Assert.Equal(["stop shop-1", "test source", "test target", "start-replication shop-2"], _deployment.Dms.Calls);
        Assert.Equal("stopped", _deployment.Dms.Tasks["shop-1"].Status);

        static LifecycleProperties Next(LifecycleProperties properties) =>
            properties with { Fingerprint = "b", AllowReplacementForGeneration = 2 };
    }

    [Theory]
    [MemberData(nameof(Replacing), DisableDiscoveryEnumeration = true)]
    public async Task Rolling_back_a_refused_update_succeeds_and_the_task_runs_on(LifecycleProperties refused, string because)
    {
        (await _deployment.UpdateAsync(Before(), refused)).Failed(because);
        _deployment.StackStatus = "UPDATE_ROLLBACK_IN_PROGRESS";

        (await _deployment.UpdateAsync(refused, Before())).Succeeded();

        Assert.Empty(_deployment.Dms.Calls);
    }

    [Fact]
    public async Task A_busy_cloudformation_does_not_make_a_rollback_fail()
    {
        _deployment.StackStatus = "UPDATE_ROLLBACK_IN_PROGRESS";
        _deployment.StackThrottled = 3;

        (await _deployment.UpdateAsync(Before(2), Before())).Succeeded();

        Assert.Empty(_deployment.Dms.Calls);
    }

    [Fact]
    public async Task Rolling_back_an_allowed_generation_makes_the_old_task_run_again_and_the_new_one_stop()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("stopped") { RecoveryCheckpoint = "checkpoint:V1#1" };
        _deployment.Dms.Tasks["shop-2"] = new HeldReplication("running");
        _deployment.StackStatus = "UPDATE_ROLLBACK_IN_PROGRESS";
        var (before, after) = (Before(2) with { AllowReplacementForGeneration = 2 }, After(2) with { AllowReplacementForGeneration = 2 });

        (await _deployment.UpdateAsync(before, Before())).Succeeded();
        (await _deployment.UpdateAsync(after, After())).Succeeded();

        Assert.Equal(["stop shop-2", "test source", "test target", "resume-processing shop-1"], _deployment.Dms.Calls);
    }

    [Fact]
    public async Task After_never_lets_two_tasks_run()
    {
        _deployment.Dms.Tasks["shop-2"] = new HeldReplication("ready");

        (await _deployment.UpdateAsync(After(), After(2))).Succeeded();

        Assert.Equal(["stop shop-1", "test source", "test target", "start-replication shop-2"], _deployment.Dms.Calls);
    }

    [Fact]
    public async Task Rolling_back_after_only_Before_was_updated_leaves_the_task_stopped_for_the_old_properties()
    {
        (await _deployment.UpdateAsync(Before(), Before() with { Fingerprint = "b" })).Succeeded();
        _deployment.StackStatus = "UPDATE_ROLLBACK_IN_PROGRESS";

        (await _deployment.UpdateAsync(Before() with { Fingerprint = "b" }, Before())).Succeeded();

        Assert.Equal(["stop shop-1"], _deployment.Dms.Calls);
    }

    [Fact]
    public async Task Rolling_back_a_whole_update_stops_the_task_and_resumes_it_with_the_old_properties()
    {
        _deployment.StackStatus = "UPDATE_ROLLBACK_IN_PROGRESS";

        (await _deployment.UpdateAsync(Before() with { Fingerprint = "b" }, Before())).Succeeded();
        (await _deployment.UpdateAsync(After() with { Fingerprint = "b" }, After())).Succeeded();

        Assert.Equal(["stop shop-1", "test source", "test target", "resume-processing shop-1"], _deployment.Dms.Calls);
    }

    [Fact]
    public async Task Going_back_to_a_generation_is_refused_when_the_stack_does_not_roll_back()
    {
        _deployment.Dms.Tasks["shop-2"] = new HeldReplication("running");

        (await _deployment.UpdateAsync(Before(2) with { AllowReplacementForGeneration = 2 }, Before())).Failed("generation (2 to 1)");

        Assert.Empty(_deployment.Dms.Calls);
    }

    [Fact]
    public async Task Old_properties_of_another_version_are_read_as_far_as_they_are_known()
    {
        var old = Json(Before());
        old["addedLater"] = "x";

        (await _deployment.SendAsync("Update", Json(Before(2)), old)).Failed("generation (1 to 2)");
    }

    private static LifecycleProperties Fixed(LifecycleProperties properties, string? name = null, string value = "")
    {
        var settings = new Dictionary<string, string>
        {
            [FixedSettings.MigrationType] = "full-load-and-cdc",
            [FixedSettings.Route] = "direct",
            [FixedSettings.LakeBucket] = "lake",
            [FixedSettings.LakePrefix] = "cdc",
            [FixedSettings.LakeKey] = "a",
            [FixedSettings.Source] = "a:5432/shop",
            [FixedSettings.Analytics] = "a:5432/analytics",
            ["name of a later version"] = "x",
        };
        if (name is not null)
            settings[name] = value;
        return properties with { Fixed = settings };
    }

    private static LifecycleProperties Identity(string name, string value) => Before() with
    {
        Identity = new Dictionary<string, string>(Before().Identity) { [name] = value },
    };
}
