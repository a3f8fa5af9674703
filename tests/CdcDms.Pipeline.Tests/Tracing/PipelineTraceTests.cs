using System.Collections.Concurrent;
using System.Diagnostics;
using CdcDms.Pipeline.Tracing;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Pipeline.Tests.Tracing;

/// <summary>What somebody who listens sees of the engine's work.</summary>
public sealed class PipelineTraceTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task A_merged_batch_shows_its_phases_in_order_and_what_became_of_its_rows()
    {
        var key = await ChangesAsync(People, "('I', 1, 1, 'ada')", "('U', 2, 1, 'secret')", "('I', 3, 2, 'bob')");

        var spans = await SpansAsync(() => MergeAsync(People));

        Assert.Equal(
            [
                "test/merge", "merge/open", "merge/list", "merge/batch",
                "batch/fetch", "batch/check", "batch/evolve", "batch/lock", "batch/check",
                "batch/reduce", "batch/copy", "batch/merge", "batch/merge", "batch/commit",
            ],
            spans.Select(span => $"{span.Parent!.OperationName}/{span.OperationName}"));
        var batch = spans.Single(span => span.OperationName == "batch").TagObjects.ToDictionary();
        Assert.Equal("public.people", batch["cdcdms.table"]);
        Assert.Equal(await Analytics.ScalarAsync<long>("SELECT max(id) FROM cdc.batches"), batch["cdcdms.batch"]);
        Assert.Equal((1, (long)(await Lake.BytesAsync(key)).Length), (batch["cdcdms.files"], batch["cdcdms.bytes"]));
        Assert.Equal(("staged", false), (batch["cdcdms.ways"], batch.ContainsKey("cdcdms.given_up")));
        Assert.Equal(
            (3L, 2L, 1L, 0L),
            (batch["cdcdms.rows.read"], batch["cdcdms.rows.inserted"], batch["cdcdms.rows.superseded"], batch["cdcdms.rows.quarantined"]));
        Assert.DoesNotContain(spans, span => span.TagObjects.Any(tag => $"{tag.Value}".Contains("secret", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_first_load_that_is_staged_after_all_shows_both_ways_and_their_phases()
    {
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (1, 'ada')) t(id, name)");

        var spans = await SpansAsync(() => MergeAsync(People));

        Assert.Equal("straight, staged", spans.Single(span => span.OperationName == "batch").GetTagItem("cdcdms.ways"));
        Assert.Equal(
            ["lock", "check", "copy", "lock", "check", "reduce", "copy", "merge", "merge", "commit"],
            spans.Select(span => span.OperationName).SkipWhile(name => name != "lock"));
    }

    [Fact]
    public async Task A_batch_that_is_given_up_for_another_choice_of_files_shows_it()
    {
        await Lake.PutBytesAsync(Lake.CdcKey(People, DateTime.UtcNow, DateTime.UtcNow), [1, 2, 3]);
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");

        var spans = await SpansAsync(() => MergeAsync(People));

        Assert.Equal(
            [(1, true, ""), (null, null, "staged")],
            spans.Where(span => span.OperationName == "batch").Select(span =>
                ((int?)span.GetTagItem("cdcdms.files.rejected"), (bool?)span.GetTagItem("cdcdms.given_up"),
                    (string?)span.GetTagItem("cdcdms.ways"))));
    }

    [Fact]
    public async Task A_failure_shows_its_kind_and_no_value_of_a_row()
    {
        await TargetAsync("id integer PRIMARY KEY, name date");
        await Lake.ChangeAsync(People, 'I', 1, 1, "secret");

        var spans = await SpansAsync(() => FaultAsync(People with { Columns = null, BadRows = BadRowPolicy.Fail }));

        var merge = spans[0];
        Assert.Equal((ActivityStatusCode.Error, null), (merge.Status, merge.StatusDescription));
        Assert.Equal("BadData", merge.GetTagItem("error.type"));
        Assert.DoesNotContain(spans, span => span.TagObjects.Any(tag => $"{tag.Value}".Contains("secret", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_comparison_shows_its_result()
    {
        await using var source = await Servers.CreateDatabaseAsync();
        await source.ExecuteAsync(
            "CREATE TABLE people (id integer PRIMARY KEY, name text); INSERT INTO people VALUES (1, 'ada'), (2, 'bob')");
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);

        var spans = await SpansAsync(
            () => new Validator(source.ConnectionString, Analytics.ConnectionString).CompareAsync(
                People, withValues: false, CancellationToken.None));

        var compare = Assert.Single(spans);
        Assert.Equal("compare", compare.OperationName);
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["cdcdms.table"] = "public.people",
                ["cdcdms.identical"] = false,
                ["cdcdms.rows.source"] = 2L,
                ["cdcdms.rows.target"] = 1L,
            },
            compare.TagObjects.ToDictionary());
    }

    /// <summary>The engine's spans of some work, in the order in which they began; those of other tests are left out.</summary>
    private static async Task<IReadOnlyList<Activity>> SpansAsync(Func<Task> work)
    {
        using var test = new Activity("test").Start();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == PipelineTrace.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = span =>
            {
                if (span.TraceId == test.TraceId)
                    spans.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        await work();
        return [.. spans];
    }
}
