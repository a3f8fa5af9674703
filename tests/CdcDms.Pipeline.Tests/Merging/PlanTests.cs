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
        await Lake.PutAsync(Lake.Uri.CdcKey(People.Source, old, old), Change(2));
        await Lake.PutAsync(Lake.Uri.CdcKey(People.Source, recent, recent), Change(3));

        Clock.Advance(TimeSpan.FromHours(13));
        await MergeAsync(People);
        Assert.Equal("1=ada 3=3", await PeopleAsync());
        Clock.Advance(TimeSpan.FromHours(12));
        await MergeAsync(People);

        Assert.Equal("1=ada 2=2 3=3", await PeopleAsync());
        Assert.True(await Analytics.ScalarAsync<bool>("SELECT swept_at > now() + interval '24 hours' FROM cdc.tables"));
    }

    [Fact]
    public async Task After_a_gap_every_folder_is_looked_through()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        var old = DateTime.UtcNow.Date.AddDays(-30);
        await Lake.PutAsync(Lake.Uri.CdcKey(People.Source, old, old), Change(2));
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
            "public/people/notes.txt", "public/people/2026/01/02/part-0.parquet",
            "public/people2/LOAD00000001.parquet", "public/peopl/LOAD00000001.parquet",
        ];
        foreach (var key in others)
            await Lake.PutAsync(Lake.Uri.Key(key), "SELECT 1 AS id, 'x' AS name");
        await Lake.PutAsync(Lake.Uri.Key("public/people/SEGMENT1_LOAD0000000A.parquet"), "SELECT 2 AS id, 'segment' AS name");

        await MergeAsync(People);

        Assert.Equal("2=segment", await PeopleAsync());
    }

    private static string Change(int id) => $"SELECT 'I' AS \"Op\", lpad('{id}', 35, '0') AS cdc_change_seq, {id} AS id, '{id}' AS name";
}
