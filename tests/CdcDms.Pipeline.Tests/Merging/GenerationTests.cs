using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>Files of several generations wait at once, in whatever order they come.</summary>
public sealed class GenerationTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData(1L << 30)]
    [InlineData(1L)]
    public async Task Files_of_two_generations_may_be_in_one_batch_and_beside_one_another(long batchBytes)
    {
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob'), (3, 'cyd')) t(id, name)");
        await ChangesAsync(People, "('U', 90, 1, 'ada 1')", "('D', 91, 2, NULL)", "('U', 92, 3, 'cyd 1')", "('I', 93, 4, 'dan 1')");
        Lake.Generation = 2;
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob'), (4, 'dan')) t(id, name)");
        await ChangesAsync(People, "('U', 1, 1, 'ada 2')", "('D', 2, 4, NULL)");

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => MergeAsync(People, batchBytes)));

        Assert.Equal("1=ada 2 2=bob 3=cyd 1", await PeopleAsync());
        await AssertAnswerAsync(12L, "SELECT sum(read)::bigint FROM cdc.batches");
    }

    [Fact]
    public async Task The_highest_version_of_the_last_generation_that_a_folder_can_name_is_merged()
    {
        Lake.Generation = 999;
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        var nines = new string('9', 35);
        await ChangesAsync(People, $"('U', '{nines}', 1, 'eve')", $"('D', '{nines}', 2, NULL)");

        await MergeAsync(People);

        Assert.Equal("1=eve", await PeopleAsync());
        await AssertAnswerAsync(
            $"999{nines} 999{nines}", "SELECT concat_ws(' ', p._cdc_version, x._cdc_version) FROM analytics.people p, cdc.tombstones_1 x");
    }

    [Fact]
    public async Task Groups_of_a_load_that_were_planned_before_an_older_generation_came_still_give_the_newer_rows()
    {
        Lake.Generation = 2;
        for (var file = 1; file <= 2; file++)
            await Lake.LoadAsync(People, file, $"SELECT {file} AS id, 'new' AS name");
        var plan = await Job.PlanAsync(People, BatchLimits.Default with { Bytes = 1 }, CancellationToken.None);
        Assert.Equal(2, plan.SnapshotGroups.Count);
        Lake.Generation = 1;
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'old'), (2, 'old'), (9, 'old')) t(id, name)");
        await Job.RunAsync(People, BatchLimits.Default with { Files = 1 }, CancellationToken.None);
        Assert.Empty((await Job.PlanAsync(People, BatchLimits.Default, CancellationToken.None)).SnapshotGroups);

        foreach (var group in plan.SnapshotGroups)
            await Job.RunAsync(People, group, BatchLimits.Default, CancellationToken.None);

        Assert.Equal("1=new 2=new 9=old", await PeopleAsync());
    }

    [Fact]
    public async Task A_lake_whose_files_are_in_no_generations_folder_is_refused_with_the_folder_that_is_meant()
    {
        await Lake.PutAsync(Lake.Uri.Key("public/people/LOAD00000001.parquet"), "SELECT 1 AS id, 'ada' AS name");

        await AssertRefusedAsync(
            People, ErrorKind.BadDefinition, "LOAD00000001.parquet is in the folder of no generation", Lake.Uri.Key("g001"));
        await Lake.LoadAsync(People, 1, "SELECT 2 AS id, 'bob' AS name");
        await AssertRefusedAsync(People, ErrorKind.BadDefinition, "in the folder of no generation");
    }

    [Fact]
    public async Task What_is_no_data_of_DMS_beside_the_folders_of_generations_is_left_alone()
    {
        await Lake.PutBytesAsync(Lake.Uri.Key("public/people/20261123-013830913.parquet"), []);
        await Lake.PutBytesAsync(Lake.Uri.Key("public/people/notes.txt"), [1]);
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name");

        await MergeAsync(People);

        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rows_from_before_the_first_merge_stay_whether_or_not_a_generation_was_broken_off(bool brokenOff)
    {
        await TargetAsync("id integer PRIMARY KEY, name text");
        await Analytics.ExecuteAsync("INSERT INTO analytics.people VALUES (2, 'hand'), (7, 'hand')");
        if (brokenOff)
        {
            await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name");
            await MergeAsync(People);
        }

        Lake.Generation = 2;
        await Lake.ManifestAsync(People, await Lake.LoadAsync(People, 1, "SELECT 2 AS id, 'bob' AS name"));
        await MergeAsync(People);

        Assert.Equal("2=bob 7=hand", await PeopleAsync());
    }

    [Fact]
    public async Task Rows_that_came_into_an_empty_target_before_the_first_file_take_the_values_of_the_lake()
    {
        await TargetAsync("id integer PRIMARY KEY, name text");
        await Lake.PutBytesAsync(Lake.Uri.Key("any"), [0]);
        await MergeAsync(People);
        await Analytics.ExecuteAsync("INSERT INTO analytics.people (id, name) VALUES (1, 'hand')");
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'lake' AS name");

        await MergeAsync(People);

        Assert.Equal("1=lake", await PeopleAsync());
    }

    [Fact]
    public async Task Another_lake_than_the_one_that_filled_the_target_is_refused_until_it_is_accepted()
    {
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await MergeAsync(People);
        using var other = await TestLake.CreateAsync(Servers);
        await other.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await other.ChangeAsync(People, 'I', 5, 3, "cyd");
        var job = new MergeJob(other.Reader, Analytics.ConnectionString, time: Clock);

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => job.RunAsync(People, 1L << 30, CancellationToken.None));
        Assert.Equal(ErrorKind.BadDefinition, fault.Kind);
        Assert.Contains($"was filled from {Lake.Uri}, and this lake is {other.Uri}", fault.Message, StringComparison.Ordinal);
        Assert.Equal(TableState.Replicating, (await StatusAsync()).State);

        await new ResumeJob(Analytics.ConnectionString).RunAsync(
            People.TargetName, new Consent { ToLake = true }, CancellationToken.None);
        while ((await job.RunAsync(People, 1L << 30, CancellationToken.None)).More)
            continue;
        Assert.Equal("1=ada 2=bob 3=cyd", await PeopleAsync());
    }

    [Fact]
    public async Task Of_a_complete_generation_and_an_older_one_that_come_together_the_older_one_is_not_read()
    {
        await Lake.ChangeAsync(People, 'I', 1, 7, "old");
        Lake.Generation = 2;
        await Lake.ManifestAsync(People, await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name"));

        Assert.Equal(new RowCounts { Read = 1, Inserted = 1 }, await MergeAsync(People));

        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Theory]
    [InlineData(DeleteMode.Hard, false)]
    [InlineData(DeleteMode.Soft, false)]
    [InlineData(DeleteMode.Hard, true)]
    public async Task Many_rows_of_an_older_generation_are_removed_in_parts(DeleteMode deletes, bool partitioned)
    {
        var table = People with { Deletes = deletes };
        await TargetAsync(
            "id integer PRIMARY KEY, name text" + (partitioned ? ") PARTITION BY RANGE (id" : ""),
            before: "");
        if (partitioned)
            await Analytics.ExecuteAsync(
                "CREATE TABLE analytics.low PARTITION OF analytics.people FOR VALUES FROM (MINVALUE) TO (100000); "
                + "CREATE TABLE analytics.high PARTITION OF analytics.people DEFAULT");
        await Lake.LoadAsync(table, 1, "SELECT 0 AS id, 'old' AS name");
        await MergeAsync(table);
        await Analytics.ExecuteAsync(
            "INSERT INTO analytics.people (id, name, _cdc_version) "
            + "SELECT id, 'old', _cdc_version FROM (SELECT _cdc_version FROM analytics.people) old, generate_series(1, 149999) id");
        Lake.Generation = 2;
        await Lake.ManifestAsync(table, await Lake.LoadAsync(table, 1, "SELECT 5 AS id, 'new' AS name"));

        await MergeAsync(table);

        await AssertAnswerAsync(
            1L, $"SELECT count(*) FROM analytics.people{(deletes is DeleteMode.Soft ? " WHERE NOT _cdc_deleted" : "")}");
        await AssertAnswerAsync(
            "49999 100000", "SELECT string_agg(removed::text, ' ' ORDER BY removed) FROM cdc.batches WHERE removed > 0");
        await AssertAnswerAsync(false, "SELECT has_older_rows FROM cdc.tables");
    }

    [Fact]
    public async Task Each_generation_is_listed_from_its_own_newest_folder()
    {
        var (old, day) = (new DateTime(2020, 1, 1), DateTime.UtcNow.Date);
        await Lake.PutAsync(Lake.CdcKey(People, day, day), Change(1));
        await MergeAsync(People);
        Lake.Generation = 2;
        await Lake.PutAsync(Lake.CdcKey(People, old, old), Change(2));
        await MergeAsync(People);
        await Lake.PutAsync(Lake.CdcKey(People, old.AddDays(1), old), Change(3));
        await MergeAsync(People);

        Assert.Equal("1=n 2=n 3=n", await PeopleAsync());

        string Change(int id) =>
            $"SELECT 'I' AS \"Op\", '{TestLake.Sequence(id)}' AS cdc_change_seq, {id} AS id, 'n' AS name";
    }
}
