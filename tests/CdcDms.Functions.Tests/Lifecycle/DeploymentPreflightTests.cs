using static CdcDms.Functions.Tests.Lifecycle.StackDeployment;

namespace CdcDms.Functions.Tests.Lifecycle;

/// <summary>Before has the databases looked at as long as the replication has never worked.</summary>
public sealed class DeploymentPreflightTests : IDisposable
{
    private static readonly PreflightFinding Slots = new("replication-slots", "All 10 replication slots are taken.", "Drop one.");
    private static readonly PreflightFinding Scale = new("numeric-scale", "public.orders loses digits of total.");
    private static readonly PreflightFinding Timeout = new("wal-sender-timeout", "wal_sender_timeout is 600 s.");

    private readonly StackDeployment _deployment = new();

    private static LifecycleProperties Looking => Before() with
    {
        Tables = ["public.orders"],
        Preflight = ExecutionsStandIn.StateMachine,
    };

    public void Dispose() => _deployment.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("ready")]
    [InlineData("failed")]
    public async Task Before_the_first_start_every_finding_counts(string? status)
    {
        if (status is not null)
            _deployment.Dms.Tasks["shop-1"] = new HeldReplication(status);
        Finds(blocks: [Slots], loses: [Scale]);

        var created = status is null
            ? await _deployment.CreateAsync(Looking)
            : await _deployment.UpdateAsync(Looking, Looking with { Fingerprint = "b" });

        created.Failed(
            "The databases are not ready, so nothing was started or changed: (1) replication-slots: All 10 replication slots are taken. "
            + "Drop one. (2) numeric-scale: public.orders loses digits of total. All 2 are in the output of the last execution of "
            + "cdcdms-dev-preflight; preflight --fix-sql prints the cures.");
        Assert.Equal(["""{"only":[]}"""], _deployment.StepFunctions.Started);
        Assert.Empty(_deployment.Dms.Calls);
    }

    [Fact]
    public async Task A_warning_and_a_loss_that_the_environment_accepts_hold_nothing_up_and_what_blocks_cannot_be_accepted()
    {
        Finds(loses: [Scale], warns: [Timeout]);
        (await _deployment.CreateAsync(Looking with { AcceptedLosses = ["numeric-scale"] })).Succeeded();

        Finds(blocks: [Slots], loses: [Scale]);
        var refused = await _deployment.CreateAsync(Looking with { AcceptedLosses = ["numeric-scale", "replication-slots"] });
        refused.Failed("(1) replication-slots: All 10 replication slots are taken. Drop one. All 1 are in");
    }

    [Fact]
    public async Task Many_findings_are_told_as_far_as_they_fit_and_counted()
    {
        Finds(blocks: [.. Enumerable.Range(0, 60).Select(n => Slots with { Reason = $"{new string('x', 150)} {n}." })]);

        var refused = await _deployment.CreateAsync(Looking);

        refused.Failed("(1) replication-slots: xxx");
        Assert.Contains("(3) replication-slots", refused.Reason);
        Assert.DoesNotContain("(4)", refused.Reason);
        Assert.Contains("All 60 are in the output", refused.Reason);
        Assert.InRange(refused.Reason!.Length, 500, 1000);
    }

    [Fact]
    public async Task Databases_that_cannot_be_looked_at_fail_the_deployment_with_the_functions_sentence()
    {
        _deployment.StepFunctions.End = new()
        {
            ["status"] = "FAILED",
            ["error"] = "Unavailable",
            ["cause"] = """{"errorType":"Unavailable","errorMessage":"Cannot open the source database: no route.","stackTrace":[]}""",
        };
        (await _deployment.CreateAsync(Looking)).Failed(
            "The databases could not be looked at before DMS starts: Cannot open the source database: no route. Nothing was started.");

        _deployment.StepFunctions.End = new() { ["status"] = "TIMED_OUT" };
        (await _deployment.CreateAsync(Looking)).Failed("before DMS starts: TIMED_OUT: the execution says no more.");

        _deployment.StepFunctions.End = new() { ["status"] = "RUNNING" };
        (await _deployment.CreateAsync(Looking)).Failed("Preflight did not end in time");
    }

    [Fact]
    public async Task A_busy_api_is_asked_again_and_no_second_execution_is_started()
    {
        _deployment.StepFunctions.Throttled = 3;
        // Step Functions may not know for a moment what it has just started.
        _deployment.StepFunctions.Unknown = 2;

        (await _deployment.CreateAsync(Looking)).Succeeded();

        Assert.Single(_deployment.StepFunctions.Started);
    }

    [Fact]
    public async Task A_replication_that_has_worked_is_not_held_up_but_tables_that_are_added_are_looked_at()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("running") { RecoveryCheckpoint = "checkpoint:V1#1" };
        Finds(blocks: [Slots]);

        (await _deployment.UpdateAsync(Before(), Looking with { Fingerprint = "b" })).Succeeded();
        Assert.Empty(_deployment.StepFunctions.Started);
        _deployment.Dms.Tasks["shop-1"].Become("running");

        var refused = await _deployment.UpdateAsync(
            Looking, Looking with { Fingerprint = "b", Tables = ["public.orders", """public."a.b" """.Trim()] });

        refused.Failed("(1) replication-slots");
        Assert.Equal(["""{"only":["public.\u0022a.b\u0022"]}"""], _deployment.StepFunctions.Started);
        Assert.Equal("running", _deployment.Dms.Tasks["shop-1"].Status);
    }

    [Fact]
    public async Task A_new_generation_is_looked_at_before_the_old_one_is_stopped_and_a_rollback_is_not()
    {
        _deployment.Dms.Tasks["shop-1"] = new HeldReplication("running") { RecoveryCheckpoint = "checkpoint:V1#1" };
        Finds(blocks: [Slots]);
        var second = Before(2) with { AllowReplacementForGeneration = 2, Preflight = ExecutionsStandIn.StateMachine };

        (await _deployment.UpdateAsync(Looking, second)).Failed("(1) replication-slots");
        Assert.Equal("running", _deployment.Dms.Tasks["shop-1"].Status);

        _deployment.StackStatus = "UPDATE_ROLLBACK_IN_PROGRESS";
        (await _deployment.UpdateAsync(Looking with { Fingerprint = "b", Tables = [] }, Looking)).Succeeded();
        Assert.Single(_deployment.StepFunctions.Started);
    }

    private void Finds(PreflightFinding[]? blocks = null, PreflightFinding[]? loses = null, PreflightFinding[]? warns = null) =>
        _deployment.StepFunctions.End = ExecutionsStandIn.Succeeded(
            new PreflightOutput { Blocks = blocks ?? [], Loses = loses ?? [], Warns = warns ?? [] });
}
