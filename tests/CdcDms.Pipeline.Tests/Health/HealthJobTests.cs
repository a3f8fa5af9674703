using CdcDms.Pipeline.Health;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Markers;

namespace CdcDms.Pipeline.Tests.Health;

public sealed class HealthJobTests(TestServers servers) : MergeFixture(servers)
{
    private const string NoServer = "Host=127.0.0.1;Port=1;Username=nobody;Database=nothing;Timeout=1";
    private static readonly TableDefinition Others = People with { Name = "others", Target = "analytics.others" };

    [Fact]
    public async Task A_merged_table_has_nothing_wrong_but_that_it_was_never_proven()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);

        var report = await LookAsync();

        var finding = Assert.Single(report.Findings);
        Assert.Equal(("unproven", "public.people", HealthSeverity.Warning), (finding.Runbook, finding.Table, finding.Severity));
        var table = Assert.Single(report.Tables);
        Assert.Equal(("replicating", 0, null), (table.State, table.FilesWaiting, table.OldestWaitingFileSeconds));
        Assert.Equal((0L, 0d), (report.Counts!.FilesWaiting, report.Counts.OldestWaitingFileSeconds));
        Assert.NotNull(table.LastBatchUtc);
    }

    [Fact]
    public async Task Files_of_a_parked_table_are_counted_and_told_once_they_wait_too_long()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await ParkAsync();
        await ChangesAsync(People, "('U', 2, 1, 'bob')");
        await ChangesAsync(People, "('U', 3, 1, 'cyd')");

        var soon = await LookAsync();
        Clock.Advance(TimeSpan.FromHours(4));
        var late = await LookAsync();

        Assert.Equal(["parked-table", "unproven"], soon.Findings.Select(finding => finding.Runbook));
        Assert.Equal(["parked-table", "waiting-files", "unproven"], late.Findings.Select(finding => finding.Runbook));
        var waits = late.Findings[1];
        Assert.Equal(
            "2 files of public.people wait in the lake, the oldest for 4 hours.", waits.Reason);
        Assert.Equal(2, late.Tables.Single().FilesWaiting);
        Assert.True(late.Tables.Single().WaitsTooLong);
        Assert.InRange(late.Counts!.OldestWaitingFileSeconds!.Value, 4 * 3600 - 60, 4 * 3600 + 600);
        Assert.Equal(1, late.Counts.TablesParked);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(4, 1)]
    public async Task A_first_load_that_batches_are_still_merging_does_not_wait_too_long(int hoursSinceTheLastBatch, int told)
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await ChangesAsync(People, "('U', 2, 1, 'bob')");
        await Analytics.ExecuteAsync("UPDATE cdc.tables SET drained_at = NULL");
        Clock.Advance(TimeSpan.FromHours(4));
        await Analytics.ExecuteAsync($"UPDATE cdc.batches SET committed_at = now() + interval '{4 - hoursSinceTheLastBatch} hours'");

        var report = await LookAsync();

        Assert.Equal("loading", report.Tables.Single().State);
        Assert.Equal(told, report.Findings.Count(finding => finding.Runbook == "waiting-files"));
    }

    [Fact]
    public async Task Files_wait_of_a_table_that_was_never_merged_and_an_outdated_generation_has_none()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");

        Assert.Equal(("nothing yet", 1), await StateAsync());

        await MergeAsync(People);
        Lake.Generation = 2;
        var load = await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name");
        await Lake.ManifestAsync(People, load);
        Lake.Generation = 1;
        await ChangesAsync(People, "('U', 2, 1, 'late')");

        Assert.Equal(("replicating", 1), await StateAsync());
    }

    [Fact]
    public async Task What_waits_in_the_newest_folder_and_shortly_before_is_found_and_older_folders_are_left_to_merges()
    {
        await PutAsync(daysAgo: 20);
        await MergeAsync(People);

        await PutAsync(daysAgo: 23);
        Assert.Equal(("replicating", 0), await StateAsync());
        foreach (var days in (int[])[22, 20, 3])
            await PutAsync(days);
        Assert.Equal(("replicating", 3), await StateAsync());
    }

    [Fact]
    public async Task Open_changes_and_files_that_cannot_be_read_are_told_as_long_as_they_are_there()
    {
        await TargetAsync("id integer PRIMARY KEY, name text CHECK (name <> 'bad')");
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bad')");
        await Lake.PutBytesAsync(Lake.CdcKey(People, Clock.GetUtcNow().UtcDateTime, Clock.GetUtcNow().UtcDateTime), [1, 2, 3]);
        await MergeAsync(People);

        var report = await LookAsync();

        Assert.Equal(["quarantined-rows", "rejected-files", "unproven"], report.Findings.Select(finding => finding.Runbook).Order());
        Assert.Equal((1L, 1L), (report.Counts!.ChangesInQuarantine, report.Counts.FilesUnreadable));
        Assert.DoesNotContain("bad", string.Concat(report.Findings.Select(finding => finding.Reason)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejected_messages_of_the_newest_generation_are_counted_and_those_of_older_ones_say_nothing()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        Assert.Null((await LookAsync()).Rejects);

        await Lake.PutBytesAsync(Lake.Uri.RejectsPrefix(1) + "2026/11/28/000000000000-1-2.ndjson", [1]);
        await Lake.PutBytesAsync(Lake.Uri.RejectsPrefix(1) + "2026/11/28/000000000000-3-4.ndjson", [1]);
        Assert.Equal(new RejectsHealth(Generation: 1, Objects: 2), (await LookAsync()).Rejects);

        Lake.Generation = 2;
        await ChangesAsync(People, "('I', 2, 1, 'ada')");
        Assert.Null((await LookAsync()).Rejects);
    }

    [Fact]
    public async Task Where_a_generation_has_nothing_but_rejected_messages_they_are_counted()
    {
        await Lake.PutBytesAsync(Lake.Uri.RejectsPrefix(1) + "2026/11/28/000000000000-1-2.ndjson", [1]);
        Assert.Equal(new RejectsHealth(Generation: 1, Objects: 1), (await LookAsync()).Rejects);

        await Lake.PutBytesAsync(Lake.Uri.RejectsPrefix(2) + "2026/11/28/000000000000-5-6.ndjson", [1]);
        Assert.Equal(new RejectsHealth(Generation: 2, Objects: 1), (await LookAsync()).Rejects);
    }

    [Fact]
    public async Task A_slot_that_nobody_reads_is_told_by_the_wal_that_is_kept_for_it_and_a_marker_by_its_age()
    {
        await using var source = await Servers.CreateDatabaseAsync();
        await source.ExecuteAsync(string.Join(';', MarkerSchema.Statements));
        var slot = $"health_{Guid.NewGuid():N}";
        await source.ExecuteAsync(
            "INSERT INTO cdcdms.marker (number, interval_seconds, written_at) VALUES (1, 60, now() - interval '20 minutes')");
        await source.ExecuteAsync($"SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')");
        try
        {
            await source.ExecuteAsync("CREATE TABLE filler AS SELECT repeat('x', 100) FROM generate_series(1, 1000)");

            var quiet = await LookAsync(source.ConnectionString, tables: []);
            var told = await LookAsync(source.ConnectionString, tables: [], limits: new HealthLimits { SlotLagGigabytes = 0 });

            Assert.Equal(["marker-not-written"], quiet.Findings.Select(finding => finding.Runbook));
            Assert.Equal("The newest marker at the source was written 20 minutes ago.", quiet.Findings[0].Reason);
            Assert.Equal(["marker-not-written", "slot-lag"], told.Findings.Select(finding => finding.Runbook).Order());
            var health = Assert.Single(told.Source!.Slots);
            Assert.Equal((slot, false, false), (health.Name, health.IsActive, health.IsLost));
            Assert.InRange(health.RetainedBytes!.Value, 100_000, long.MaxValue);
        }
        finally
        {
            await source.ExecuteAsync($"SELECT pg_drop_replication_slot('{slot}')");
        }
    }

    [Fact]
    public async Task What_cannot_be_looked_at_is_told_and_the_rest_is_looked_at()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await ParkAsync();
        await MarkerWriter.WriteOneAsync(Analytics.ConnectionString, 60, CancellationToken.None);

        var noSource = await LookAsync(NoServer);
        var noAnalytics = await new HealthJob(Places(Analytics.ConnectionString, NoServer), new HealthLimits(), Clock)
            .RunAsync([People], CancellationToken.None);
        var noLake = await new HealthJob(
            Places(Analytics.ConnectionString) with { Lake = new LakeReader(Servers.S3, LakeUri.Parse("s3://no-such-bucket/lake")) },
            new HealthLimits(), Clock).RunAsync([People, Others], CancellationToken.None);

        Assert.Equal(["health-missing", "parked-table", "unproven"], noSource.Findings.Select(finding => finding.Runbook));
        Assert.StartsWith("The source could not be looked at: ", noSource.Findings[0].Reason, StringComparison.Ordinal);
        Assert.Equal(["health-missing"], noAnalytics.Findings.Select(finding => finding.Runbook));
        Assert.Null(noAnalytics.Counts);
        Assert.NotNull(noAnalytics.Source);
        Assert.Equal(["health-missing", "parked-table", "unproven"], noLake.Findings.Select(finding => finding.Runbook));
        Assert.StartsWith("The lake could not be looked at: ", noLake.Findings[0].Reason, StringComparison.Ordinal);
        Assert.Equal((1, (long?)null), (noLake.Counts!.TablesParked, noLake.Counts.FilesWaiting));
    }

    [Fact]
    public async Task A_role_that_may_only_read_can_look()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        var role = await ReadOnlyRole.CreateAsync(Analytics, "analytics", "cdc");
        try
        {
            var report = await new HealthJob(Places(role.ConnectionString, role.ConnectionString), new HealthLimits(), Clock)
                .RunAsync([People], CancellationToken.None);

            Assert.Equal(["marker-not-written", "unproven"], report.Findings.Select(finding => finding.Runbook));
        }
        finally
        {
            await role.DropAsync();
        }
    }

    [Fact]
    public async Task Rows_that_a_proof_found_different_are_told_with_their_table_until_they_are_proven()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')");
        await MergeAsync(People);
        await Analytics.ExecuteAsync(
            """
            WITH proof AS (
                INSERT INTO cdc.proofs (
                    table_id, of_proof, marker, marker_id, columns, keys, repairs, most_removed, repaired, judged_at, outcome)
                SELECT id, 1, 1, gen_random_uuid(), '{}', 3, true, 100, 1, now(), 'Different' FROM cdc.tables
                WHERE target_name = 'people' RETURNING id)
            INSERT INTO cdc.differences SELECT id, place, '{}', 'Changed', '{}' FROM proof, generate_series(1, 3) place
            """);

        var told = Assert.Single((await LookAsync()).Findings, finding => finding.Runbook == "rows-differ");
        await Analytics.ExecuteAsync("UPDATE cdc.tables SET proven_at = now()");

        Assert.Equal(
            ("public.people", "2 rows of public.people differed from the source when proofs looked, and were not repaired."),
            (told.Table, told.Reason));
        Assert.DoesNotContain((await LookAsync()).Findings, finding => finding.Runbook == "rows-differ");
    }

    private async Task<HealthReport> LookAsync(
        string? source = null, IReadOnlyList<TableDefinition>? tables = null, HealthLimits? limits = null)
    {
        if (source is null)
            await MarkerWriter.WriteOneAsync(Analytics.ConnectionString, 60, CancellationToken.None);
        return await new HealthJob(Places(source ?? Analytics.ConnectionString), limits ?? new HealthLimits(), Clock)
            .RunAsync(tables ?? [People], CancellationToken.None);
    }

    private HealthPlaces Places(string source, string? target = null) => new()
    {
        SourceAsync = _ => Task.FromResult(source),
        TargetAsync = _ => Task.FromResult(target ?? Analytics.ConnectionString),
        Lake = Lake.Reader,
    };

    private async Task<(string State, int? Files)> StateAsync()
    {
        var table = Assert.Single((await LookAsync()).Tables);
        return (table.State, table.FilesWaiting);
    }

    private Task ParkAsync() => Analytics.ExecuteAsync("UPDATE cdc.tables SET parked_cause = 'as a test'");

    private int _put;

    private Task PutAsync(int daysAgo)
    {
        var time = DateTime.UtcNow.Date.AddDays(-daysAgo).AddMilliseconds(_put++);
        return Lake.PutAsync(
            Lake.CdcKey(People, time, time),
            $"SELECT 'I' AS \"Op\", '2026-01-02 03:04:05.678901' AS cdc_timestamp, {_put} AS id, 'x' AS name, "
            + $"lpad('{_put}', 35, '0') AS cdc_change_seq");
    }
}
