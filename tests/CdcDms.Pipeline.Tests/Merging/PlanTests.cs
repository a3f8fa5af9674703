using System.Globalization;
using System.Text.Json;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>Which files a batch takes.</summary>
public sealed class PlanTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task A_file_that_appears_in_an_old_folder_is_found_by_the_daily_sweep()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        var old = DateTime.UtcNow.Date.AddDays(-30);
        var recent = DateTime.UtcNow.Date.AddDays(-1);
        await Lake.PutAsync(Lake.CdcKey(People, old, old), Change(2));
        await Lake.PutAsync(Lake.CdcKey(People, recent, recent), Change(3));

        Clock.Advance(TimeSpan.FromHours(13));
        await MergeAsync(People);
        Assert.Equal("1=ada 3=3", await PeopleAsync());
        Clock.Advance(TimeSpan.FromHours(12));
        await MergeAsync(People);

        Assert.Equal("1=ada 2=2 3=3", await PeopleAsync());
        Assert.True(await Analytics.ScalarAsync<bool>("SELECT swept_at > now() + interval '24 hours' FROM cdc.tables"));
    }

    [Fact]
    public async Task A_table_that_has_nothing_yet_is_no_failure_until_its_first_file_wants_a_target_that_nobody_can_make()
    {
        // Another table has written: the lake is there.
        await Lake.ChangeAsync(People with { Name = "others" }, 'I', 1, 1, "ada");

        var plan = await Job.PlanAsync(Bare, BatchLimits.Default, CancellationToken.None);
        var merged = await Job.RunAsync(Bare, 1L << 30, CancellationToken.None);

        Assert.Equal((0, false), (plan.SnapshotGroups.Count, plan.ChangesWait));
        Assert.Equal((0, false, "public.people"), (merged.Files, merged.More, merged.Table));
        Assert.False(await Analytics.ScalarAsync<bool>("SELECT to_regnamespace('cdc') IS NOT NULL"));

        await Lake.ChangeAsync(Bare, 'I', 1, 1, "ada");
        foreach (var work in new Func<Task>[]
            {
                () => Job.PlanAsync(Bare, BatchLimits.Default, CancellationToken.None),
                () => Job.RunAsync(Bare, 1L << 30, CancellationToken.None),
            })
        {
            var fault = await Assert.ThrowsAsync<CdcDmsException>(work);
            Assert.StartsWith("The target table analytics.people of public.people does not exist", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_task_that_catches_up_after_days_is_followed_from_folder_to_folder()
    {
        var day = DateTime.UtcNow.Date.AddDays(-20);
        await Lake.PutAsync(Lake.CdcKey(People, day, day), Change(1));
        await MergeAsync(People);
        for (var id = 2; id <= 6; id++)
        {
            var made = day.AddDays(id);
            await Lake.PutAsync(Lake.CdcKey(People, day.AddDays(id / 2), made), Change(id));
            await MergeAsync(People);
            Assert.Equal(id, await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.people"));
        }

        Assert.True(await Analytics.ScalarAsync<bool>("SELECT swept_at < drained_at FROM cdc.tables"));
    }

    [Theory]
    [InlineData("yyyy'/'MM'/'dd'/'HH", false)]
    [InlineData("yyyy'/'MM", false)]
    [InlineData("yyyy'-'MM'-'dd", false)]
    [InlineData("yyyy'-'MM'-'dd'-'HH", false)]
    [InlineData("yyyy'_'MM'_'dd", false)]
    [InlineData("yyyy'_'MM", false)]
    [InlineData("yyyyMMdd", false)]
    [InlineData("yyyyMMddHH", false)]
    [InlineData("yyyyMM", false)]
    [InlineData("", false)]
    [InlineData("MM'/'yyyy'/'dd", true)]
    [InlineData("dd'/'MM'/'yyyy", true)]
    [InlineData("MM'-'yyyy'-'dd", true)]
    [InlineData("ddMMyyyy", true)]
    [InlineData("MMyyyydd", true)]
    public async Task New_files_are_found_in_every_form_of_date_folders(string form, bool listsAll)
    {
        var today = DateTime.UtcNow.Date;
        string Key(DateTime day) =>
            Lake.Uri.TablePrefix(People.Source, Lake.Generation)
            + (form.Length > 0 ? day.ToString(form, CultureInfo.InvariantCulture) + "/" : "")
            + ChangeFileName.Cdc(day);
        await Lake.PutAsync(Key(today.AddDays(-100)), Change(1));
        await Lake.PutAsync(Key(today), Change(2));
        await MergeAsync(People);
        await Lake.PutAsync(Key(today.AddDays(1)), Change(3));
        await Lake.PutAsync(Key(today.AddDays(-1)), Change(4));
        await Lake.PutAsync(Key(today.AddDays(-99)), Change(5));

        await MergeAsync(People);

        Assert.Equal(listsAll ? "1=1 2=2 3=3 4=4 5=5" : "1=1 2=2 3=3 4=4", await PeopleAsync());
    }

    [Fact]
    public async Task A_whole_file_in_the_place_of_a_rejected_one_is_found_in_an_old_folder_too()
    {
        var old = DateTime.UtcNow.Date.AddDays(-30);
        var key = Lake.CdcKey(People, old, old);
        await Lake.PutBytesAsync(key, "no Parquet"u8.ToArray());
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        // What is no data takes no rejected file's place.
        await Lake.PutBytesAsync(key, []);
        await Lake.PutBytesAsync($"{key}.bak", "no Parquet"u8.ToArray());
        await MergeAsync(People);
        await AssertAnswerAsync(1L, "SELECT count(*) FROM cdc.rejected_files");
        await Lake.PutAsync(key, Change(2));

        Assert.Equal(1, (await MergeAsync(People)).Inserted);
        Assert.Empty((await StatusAsync()).RejectedFiles);
    }

    [Fact]
    public async Task A_folder_of_the_future_hides_no_other()
    {
        await Lake.PutAsync(Lake.CdcKey(People, new DateTime(2999, 1, 1), DateTime.UtcNow), Change(1));
        await MergeAsync(People);
        await Lake.ChangeAsync(People, 'I', 2, 2, "2");

        await MergeAsync(People);

        Assert.Equal("1=1 2=2", await PeopleAsync());
    }

    [Fact]
    public async Task A_clock_that_was_ahead_once_does_not_end_the_daily_look_through_all_folders()
    {
        Clock.Advance(TimeSpan.FromDays(300));
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        Clock.Advance(TimeSpan.FromDays(-299));
        var old = DateTime.UtcNow.Date.AddDays(-30);
        await Lake.PutAsync(Lake.CdcKey(People, old, old), Change(2));

        Assert.Equal(1, (await MergeAsync(People)).Inserted);
    }

    [Fact]
    public async Task After_a_gap_every_folder_is_looked_through()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        var old = DateTime.UtcNow.Date.AddDays(-30);
        await Lake.PutAsync(Lake.CdcKey(People, old, old), Change(2));
        Clock.Advance(TimeSpan.FromHours(25));

        await MergeAsync(People);

        Assert.Equal("1=ada 2=2", await PeopleAsync());
    }

    [Fact]
    public async Task A_sweep_that_takes_many_batches_is_recorded_when_the_last_is_applied()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await Lake.ChangeAsync(People, 'I', 2, 2, "bob");

        Assert.True((await Job.RunAsync(People, 1, CancellationToken.None)).More);
        Assert.True(await Analytics.ScalarAsync<bool>("SELECT swept_at IS NULL AND drained_at IS NULL FROM cdc.tables"));
        Assert.False((await Job.RunAsync(People, 1, CancellationToken.None)).More);
        Assert.True(await Analytics.ScalarAsync<bool>("SELECT swept_at IS NOT NULL AND drained_at IS NOT NULL FROM cdc.tables"));
    }

    [Fact]
    public async Task A_batch_holds_whole_files_up_to_its_bytes_and_full_loads_come_first()
    {
        var bytes = 0L;
        for (var file = 1; file <= 5; file++)
            bytes = (await Lake.BytesAsync(await Lake.ChangeAsync(People, 'I', file, file, "n"))).Length;
        await Lake.LoadAsync(People, 1, "SELECT 9 AS id, 'loaded' AS name");

        var outputs = new List<MergeOutput>();
        do
            outputs.Add(await Job.RunAsync(People, bytes * 2, CancellationToken.None));
        while (outputs[^1].More);

        Assert.Equal([1, 2, 2, 1], outputs.Select(output => output.Files));
        Assert.Equal(1, outputs[0].LastCommitUtc?.Day);
        Assert.Equal(bytes * 2, outputs[1].Bytes);
        Assert.Equal("1=n 2=n 3=n 4=n 5=n 9=loaded", await PeopleAsync());
    }

    [Fact]
    public async Task Full_loads_of_a_target_with_registers_are_not_merged_side_by_side()
    {
        var docs = People with { LobUpdates = LobUpdates.KeepOnNull };
        await Lake.LoadAsync(docs, 1, "SELECT 1 AS id, 'ada' AS name");
        await Lake.LoadAsync(docs, 2, "SELECT 2 AS id, 'bob' AS name");

        var plan = await Job.PlanAsync(docs, OneByOne, CancellationToken.None);
        var plain = await Job.PlanAsync(People with { Target = "analytics.plain" }, OneByOne, CancellationToken.None);

        Assert.Equal((0, true), (plan.SnapshotGroups.Count, plan.ChangesWait));
        Assert.Equal((2, false), (plain.SnapshotGroups.Count, plain.ChangesWait));
    }

    [Theory]
    [InlineData('k', 700, 100, 200)]
    [InlineData('\u00e9', 700, 25, 40)]
    [InlineData('k', 40, 700, 1000)]
    public void A_plan_fits_into_a_state_of_the_workflow(char letter, int keyLength, int atLeast, int atMost)
    {
        var loads = Enumerable.Range(0, 1200).Select(number =>
            new LakeObject($"{new string(letter, keyLength)}{number:D4}", new string('e', 32), DateTime.UnixEpoch, Bytes: 1000)).ToList();
        var listing = new Listing(DateTime.UnixEpoch, Whole: true, new Dictionary<int, string?>(), LakeUtc: null, Restarts: 0);
        var waiting = new WaitingFiles(Complete: null, loads, Changes: [], listing) { LoadsFillGaps = true, HasOlderRows = false };

        var plan = MergePlan.SideBySide(waiting, OneByOne);

        Assert.InRange(plan.SnapshotGroups.Count, atLeast, atMost);
        Assert.InRange(JsonSerializer.SerializeToUtf8Bytes(plan, ContractJson.Default.PlanOutput).Length, 1, 128 << 10);
        Assert.True(plan.ChangesWait);
    }

    [Fact]
    public async Task A_file_written_anew_under_its_old_name_is_another_file()
    {
        var key = await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        await Lake.PutBytesAsync(key, await Lake.BytesAsync(await Lake.ChangeAsync(People, 'U', 2, 1, "bob")));
        await MergeAsync(People);

        Assert.Equal("1=bob", await PeopleAsync());
        Assert.Equal(2, await Analytics.ScalarAsync<long>($"SELECT count(*) FROM cdc.files WHERE key = '{key}'"));
    }

    [Fact]
    public async Task Files_of_one_batch_are_read_by_the_names_of_their_columns()
    {
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name");
        await Lake.LoadAsync(People, 2, "SELECT 'bob' AS name, 2 AS id");

        await MergeAsync(People);

        Assert.Equal("1=ada 2=bob", await PeopleAsync());
    }

    [Fact]
    public async Task Files_that_are_not_change_files_and_files_of_other_tables_are_left_alone()
    {
        string[] others =
        [
            "g001/public/people/notes.txt", "g001/public/people/2026/01/02/part-0.parquet",
            "g001/public/people2/LOAD00000001.parquet", "g001/public/peopl/LOAD00000001.parquet",
        ];
        foreach (var key in others)
            await Lake.PutAsync(Lake.Uri.Key(key), "SELECT 1 AS id, 'x' AS name");
        await Lake.PutAsync(Lake.Uri.Key("g001/public/people/SEGMENT1_LOAD0000000A.parquet"), "SELECT 2 AS id, 'segment' AS name");

        await MergeAsync(People);

        Assert.Equal("2=segment", await PeopleAsync());
    }

    private static BatchLimits OneByOne { get; } = BatchLimits.Default with { Bytes = 1 };

    private static string Change(int id) => $"SELECT 'I' AS \"Op\", lpad('{id}', 35, '0') AS cdc_change_seq, {id} AS id, '{id}' AS name";
}
