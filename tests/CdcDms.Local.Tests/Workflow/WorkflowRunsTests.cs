using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>What is kept of the executions of the workflow.</summary>
public sealed class WorkflowRunsTests
{
    private readonly WorkflowRuns _runs = new(TimeProvider.System);

    [Fact]
    public async Task Executions_that_overlap_each_tell_what_runs_in_them()
    {
        var (first, second) = (Begin("batch"), Begin("proof"));
        first.Hear(new StateEntered("batch", null, "Tables"));
        first.Hear(new StateEntered("batch", null, "MergeTable"));
        first.Hear(new StateEntered("batch", null, "MergeTable"));
        first.Hear(new StateEntered("batch-table", "public.a", "Plan"));
        first.Hear(new StateLeft("batch-table", "public.a", "Plan"));
        first.Hear(new StateEntered("batch-table", "public.a", "Merge"));
        first.Hear(new StateEntered("batch-table", "public.b", "Plan"));
        second.Hear(new StateEntered("proof", null, "Tables"));
        first.Hear(new TableOver("batch-table", "public.b"));
        first.Hear(new StateLeft("batch", null, "MergeTable"));

        var all = await AllAsync();
        first.End(new WorkflowSucceeded([]));
        var after = await AllAsync();

        Assert.Equal(["proof", "batch"], all.Select(one => one.Machine));
        Assert.Equal(["Tables×1"], Now(all[0]));
        Assert.Equal(["MergeTable×1", "Tables×1", "public.a: Merge×1"], Now(all[1]));
        Assert.Equal([ExecutionOutcome.Running, ExecutionOutcome.Succeeded], after.Select(one => one.Outcome));
        Assert.Empty(after[1].Now);
        Assert.NotNull(after[1].EndedUtc);
    }

    [Fact]
    public async Task A_failure_is_told_with_the_sentence_of_the_function()
    {
        var run = Begin("batch");
        run.Hear(new StateEntered("batch-table", "public.a", "Plan"));
        run.Hear(new TaskErred(
            "batch-table", "public.a", "Plan", "Unavailable", """{"errorType":"Unavailable","errorMessage":"No lake."}"""));
        run.Hear(new TaskRetried("batch-table", "public.a", "Plan", 1));
        run.Hear(new TaskErred("batch-table", "public.a", "Plan", "Unavailable", """{"errorMessage":"Still no lake."}"""));
        run.Hear(new TaskErred(
            "batch", null, "MergeTable", "States.TaskFailed",
            """{"Error":"Unavailable","Cause":"{\"errorMessage\":\"Still no lake.\"}"}"""));
        run.End(new WorkflowFailed("TablesFailed", "public.a was not merged."));

        var course = await _runs.CourseAsync(Assert.Single(await AllAsync()).Id, CancellationToken.None);

        Assert.Equal((ExecutionOutcome.Failed, "public.a was not merged.", 1),
            (course!.Execution.Outcome, course.Execution.Cause, course.Execution.Retries));
        Assert.Equal(["No lake.", "Still no lake.", "Still no lake."], course.Failures.Select(failure => failure.Cause));
        Assert.Equal(
            [new PassedState("batch-table", "Plan", 1, 1), new PassedState("batch", "MergeTable", 0, 1)], course.Passed);
    }

    [Fact]
    public async Task Batches_are_counted_and_looks_that_found_nothing_are_not()
    {
        var run = Begin("batch");
        run.Hear(new BatchMerged("public.a", Output(files: 3, rows: 40)));
        run.Hear(new BatchMerged("public.b", Output(files: 0, rows: 0)));
        run.End(new WorkflowSucceeded([]));

        var told = Assert.Single(await AllAsync());

        Assert.Equal((1, 3, 40), (told.Batches, told.Files, told.Rows));
    }

    [Fact]
    public async Task Only_the_newest_are_kept_and_those_that_run()
    {
        var oldest = Begin("oldest");
        foreach (var number in Enumerable.Range(1, 50))
            Begin($"m{number}").End(new WorkflowSucceeded([]));

        var kept = await AllAsync();

        Assert.Equal(20, kept.Count);
        Assert.Equal(("m50", "oldest"), (kept[0].Machine, kept[^1].Machine));
        Assert.Null(await _runs.CourseAsync("2", CancellationToken.None));
        oldest.End(new WorkflowSucceeded([]));
    }

    [Fact]
    public async Task A_table_that_fails_without_end_takes_bounded_memory()
    {
        var run = Begin("batch");
        foreach (var _ in Enumerable.Range(0, 1_000))
            run.Hear(new TaskErred("batch", null, "Merge", "BadData", new string('x', 10_000)));

        var course = await _runs.CourseAsync("1", CancellationToken.None);
        run.End(new WorkflowFailed("BadData", ""));

        Assert.Equal(50, course!.Failures.Count);
        Assert.All(course.Failures, failure => Assert.InRange(failure.Cause.Length, 2_000, 2_001));
    }

    [Fact]
    public async Task One_that_this_program_ends_or_breaks_is_told_as_that()
    {
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => _runs.RecordAsync("batch", _ => Task.FromException<WorkflowResult>(new OperationCanceledException())));
        await Assert.ThrowsAsync<CdcDmsException>(
            () => _runs.RecordAsync(
                "proof", _ => Task.FromException<WorkflowResult>(new CdcDmsException(ErrorKind.Unavailable, "No Node."))));

        var all = await AllAsync();

        Assert.Equal([ExecutionOutcome.Failed, ExecutionOutcome.Stopped], all.Select(one => one.Outcome));
        Assert.Equal("No Node.", all[0].Cause);
    }

    [Fact]
    public async Task The_version_rises_with_everything_that_is_told_and_with_nothing_else()
    {
        var versions = new List<long> { await _runs.VersionAsync(CancellationToken.None) };
        var run = Begin("batch");
        versions.Add(await _runs.VersionAsync(CancellationToken.None));
        foreach (var happened in (WorkflowEvent[])[
            new StateEntered("batch", null, "Merge"), new TaskErred("batch", null, "Merge", "e", ""),
            new TaskRetried("batch", null, "Merge", 1), new StateLeft("batch", null, "Merge"),
            new BatchMerged("public.a", Output(files: 1, rows: 1)),
        ])
        {
            run.Hear(happened);
            versions.Add(await _runs.VersionAsync(CancellationToken.None));
        }

        run.Hear(new PeopleTold("subject", "message"));

        Assert.Equal(versions[^1], await _runs.VersionAsync(CancellationToken.None));
        run.End(new WorkflowSucceeded([]));
        versions.Add(await _runs.VersionAsync(CancellationToken.None));
        Assert.Equal(versions.Distinct().Order(), versions);
    }

    private async Task<IReadOnlyList<WorkflowExecution>> AllAsync() => await _runs.ExecutionsAsync(CancellationToken.None);

    private static IEnumerable<string> Now(WorkflowExecution execution) => execution.Now
        .Select(one => $"{(one.Table is null ? "" : $"{one.Table}: ")}{one.State}×{one.Times}").Order(StringComparer.Ordinal);

    private static MergeOutput Output(int files, long rows) => new()
    {
        Table = "public.a",
        Files = files,
        Bytes = 1,
        Rows = new RowCounts { Read = rows, Inserted = rows },
        More = false,
    };

    private HeldRun Begin(string machine) => new(_runs, machine);

    /// <summary>An execution that a test moves on.</summary>
    private sealed class HeldRun
    {
        private readonly TaskCompletionSource<WorkflowResult> _result = new();

        public HeldRun(WorkflowRuns runs, string machine) => _ = runs.RecordAsync(machine, hear =>
        {
            Hear = hear;
            return _result.Task;
        });

        public Action<WorkflowEvent> Hear { get; private set; } = _ => { };

        // What follows the end has happened when this returns: nothing waits between.
        public void End(WorkflowResult result) => _result.SetResult(result);
    }
}
