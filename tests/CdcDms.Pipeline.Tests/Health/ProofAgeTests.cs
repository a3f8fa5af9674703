using CdcDms.Pipeline.Health;
using CdcDms.Pipeline.Tests.Proofs;

namespace CdcDms.Pipeline.Tests.Health;

/// <summary>How old the newest full proof of a table is, and from when on that is told.</summary>
public sealed class ProofAgeTests(TestServers servers) : UnprovenFixture(servers)
{
    private const int Day = 24 * 60;

    [Fact]
    public async Task A_table_that_was_never_proven_is_as_old_as_its_load()
    {
        Assert.Equal((0d, null), await OldestAsync());
        await LoadedAsync(People);

        var (seconds, told) = await OldestAsync();
        Assert.InRange(seconds!.Value, 0, 600);
        Assert.Null(told);
        Clock.Advance(TimeSpan.FromDays(14));
        Assert.Null((await OldestAsync()).Told);
        Clock.Advance(TimeSpan.FromDays(2));
        (seconds, told) = await OldestAsync();

        Assert.InRange(seconds!.Value, 16 * Day * 60, (16 * Day * 60) + 600);
        Assert.Equal(
            "No full proof has found public.people right, or repaired it, for 16 days: look why, and compare it now with validate.", told);
    }

    [Fact]
    public async Task A_proof_grows_old_and_the_next_one_that_finds_every_row_right_ends_that()
    {
        await ProvenAsync(People);
        await AgeAsync(days: 14);
        Assert.Null((await OldestAsync()).Told);
        await AgeAsync(days: 2);
        // What made it unproven a moment ago makes its proof no younger.
        await Analytics.ExecuteAsync("INSERT INTO cdc.unproven (table_id, cause) SELECT id, 'Resumed' FROM cdc.tables");
        Assert.Contains(" for 16 days: ", (await OldestAsync()).Told, StringComparison.Ordinal);

        Assert.True((await AskAllAsync(People)).Compared.Identical);

        var (seconds, told) = await OldestAsync();
        Assert.InRange(seconds!.Value, 0, 600);
        Assert.Null(told);
    }

    [Fact]
    public async Task A_proof_that_finds_rows_different_makes_the_age_no_younger_until_one_repairs_them()
    {
        await ProvenAsync(People);
        await AgeAsync(days: 16);
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'eve' WHERE id = 1");

        await Proofs.AskAllAsync(People, repair: null, CancellationToken.None);
        Assert.NotNull((await OldestAsync()).Told);
        await JudgedAsync(People);
        await AssertAnswerAsync("Different", "SELECT outcome FROM cdc.proofs");
        Assert.NotNull((await OldestAsync()).Told);

        await AskAllAsync(People);
        Assert.NotNull((await OldestAsync()).Told);
        await JudgedAsync(People);
        Assert.Null((await OldestAsync()).Told);
    }

    [Fact]
    public async Task A_target_that_is_filled_anew_is_as_young_as_its_new_load()
    {
        await ProvenAsync(People);
        await AgeAsync(days: 16);
        await Analytics.ExecuteAsync(
            "UPDATE cdc.batches SET committed_at = committed_at - interval '16 days'; DROP TABLE analytics.people");
        await MergeAsync(People);

        var (seconds, told) = await OldestAsync();

        Assert.Equal("1=ada 2=bob", await PeopleAsync());
        Assert.InRange(seconds!.Value, 0, 600);
        Assert.Null(told);
    }

    [Fact]
    public async Task What_full_proofs_leave_out_or_cannot_prove_has_no_age_and_neither_has_anything_where_none_is_scheduled()
    {
        await LoadedAsync(People);
        Clock.Advance(TimeSpan.FromDays(16));

        Assert.NotNull((await OldestAsync()).Told);
        Assert.Equal((0d, null), await OldestAsync(People, "public.people"));
        Assert.Equal((0d, null), await OldestAsync(People with { Ordering = ChangeOrdering.Timestamp }));
        var unscheduled = await LookAsync(People, new HealthLimits());
        Assert.Null(unscheduled.Counts!.OldestProofSeconds);
        Assert.Null(Assert.Single(unscheduled.Tables).ProofSeconds);
        Assert.DoesNotContain(unscheduled.Findings, finding => finding.Runbook == "proof-old");
    }

    private Task AgeAsync(int days) =>
        Analytics.ExecuteAsync($"UPDATE cdc.tables SET proven_at = proven_at - interval '{days} days'");

    private async Task<(double? Seconds, string? Told)> OldestAsync(TableDefinition? table = null, params string[] leaveOut)
    {
        var report = await LookAsync(table ?? People, new HealthLimits { Proof = new ProofLimit(15 * Day, leaveOut) });
        var told = report.Findings.SingleOrDefault(finding => finding.Runbook == "proof-old");
        Assert.True(told is null or { Table: "public.people", Severity: HealthSeverity.Warning });
        return (report.Counts!.OldestProofSeconds, told?.Reason);
    }

    private Task<HealthReport> LookAsync(TableDefinition table, HealthLimits limits) => new HealthJob(
        new HealthPlaces
        {
            SourceAsync = _ => Task.FromResult(Source.ConnectionString),
            TargetAsync = _ => Task.FromResult(Analytics.ConnectionString),
            Lake = Lake.Reader,
        },
        limits, Clock).RunAsync([table], CancellationToken.None);
}
