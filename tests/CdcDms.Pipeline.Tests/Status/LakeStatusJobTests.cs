using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Status;

namespace CdcDms.Pipeline.Tests.Status;

/// <summary>Source, lake and analytics side by side.</summary>
public sealed class LakeStatusJobTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task Each_place_tells_its_rows_its_newest_change_and_its_newest_marker()
    {
        await using var source = await SourceAsync("(1, 'ada'), (2, 'bob'), (3, 'cyd')");
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name UNION ALL SELECT 9, 'ida'");
        await Lake.ChangeAsync(People, 'I', 5, 2, "bob");
        await MarkerInLakeAsync(1);
        await new MarkerJob(Lake.Reader, Analytics.ConnectionString).MergeAsync(CancellationToken.None);
        await MergeAsync(People);
        await Lake.ChangeAsync(People, 'D', 6, 9, null);
        await ChangesAsync(People, "('I', 7, 3, 'cyd')", "('I', 8, 4, 'dan')");
        await MarkerInLakeAsync(2);

        var places = await ReadAsync(People, source);

        Assert.Equal((3, 3), (places.Source!.Rows, places.Source.NewestMarker!.Number));
        Assert.Equal(places.Source.NewestMarker.Utc, places.Source.MarkersMissingSinceUtc);
        Assert.Equal((4, 4, TestLake.Version(8)), (places.Lake!.Files, places.Lake.Rows, places.Lake.NewestVersion));
        Assert.Equal((2, Committed), (places.Lake.NewestMarker!.Number, places.Lake.NewestCommitUtc));
        Assert.Equal(2, places.Lake.WaitingFiles);
        Assert.True(places.Lake.WaitingBytes > 0 && places.Lake.WaitingSinceUtc <= places.Lake.ReadUtc.AddMinutes(1));
        Assert.Equal((3, TestLake.Version(5)), (places.Analytics!.Rows, places.Analytics.NewestVersion));
        Assert.Equal((1, Committed), (places.Analytics.NewestMarker!.Number, places.Analytics.NewestCommitUtc));
        Assert.Empty(places.Failures);
        Assert.Empty(places.Notes);
        Assert.True(places.Lake.ReadUtc <= DateTime.UtcNow && places.Source.ReadUtc.Kind is DateTimeKind.Utc);

        await MergeAsync(People);
        var merged = await ReadAsync(People, source);
        Assert.Equal((4, TestLake.Version(8), 0), (merged.Analytics!.Rows, merged.Analytics.NewestVersion, merged.Lake!.WaitingFiles));
    }

    [Fact]
    public async Task The_newest_change_of_analytics_may_be_a_delete()
    {
        foreach (var deletes in new[] { DeleteMode.Hard, DeleteMode.Soft })
        {
            var table = People with { Name = $"people{deletes}", Target = $"analytics.people{deletes}", Deletes = deletes };
            await Lake.ChangeAsync(table, 'I', 5, 1, "ada");
            await Lake.ChangeAsync(table, 'D', 6, 1, null);
            await MergeAsync(table);

            var places = await ReadAsync(table);

            Assert.Equal((0, TestLake.Version(6)), (places.Analytics!.Rows, places.Analytics.NewestVersion));
            Assert.Equal((0, TestLake.Version(6)), (places.Lake!.Rows, places.Lake.NewestVersion));
        }
    }

    public static TheoryData<string[]> Histories { get; } = new(
    [
        ["('I', 1, 1, 'ada', NULL)", "('D', 2, 1, NULL, NULL)", "('I', 3, 1, 'bob', NULL)"],
        ["('I', 1, 1, 'ada', NULL)", "('U', 2, 7, 'ada', 1)"],
        ["('I', 1, 1, 'ada', NULL)", "('U', 2, 7, 'ada', 1)", "('I', 3, 1, 'bob', NULL)"],
        ["('I', 1, 1, 'ada', NULL)", "('U', 2, 1, 'ada', 1)", "('D', 2, 1, NULL, NULL)"],
        ["('I', 1, 1, 'ada', NULL)", "('X', 2, 1, 'bob', NULL)", "('I', 3, NULL, 'eve', NULL)", "('D', 3, 8, NULL, NULL)"],
    ]);

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task The_rows_in_the_lake_are_those_that_a_merge_into_an_empty_target_gives(string[] changes)
    {
        await Lake.LoadAsync(People, 1, "SELECT 5 AS id, 'eve' AS name");
        await Lake.CdcAsync(People, Select(changes));
        foreach (var change in changes.Reverse())
            await Lake.CdcAsync(People, Select([change]));

        var before = await ReadAsync(People);
        await MergeAsync(People);
        var after = await ReadAsync(People);

        Assert.Null(before.Analytics!.Rows);
        Assert.Equal(["analytics.people does not exist yet: nothing was merged into it."], before.Notes);
        Assert.Equal(after.Analytics!.Rows, before.Lake!.Rows);
        Assert.Equal((after.Analytics.Rows, 0), (after.Lake!.Rows, after.Lake.WaitingFiles));
    }

    [Fact]
    public async Task Of_generations_those_count_that_a_merge_would_read()
    {
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name UNION ALL SELECT 2, 'bob'");
        await Lake.ChangeAsync(People, 'I', 5, 3, "cyd");
        Lake.Generation = 2;
        var load = await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name");
        await Lake.ChangeAsync(People, 'I', 3, 4, "dan");

        Assert.Equal((4, TestLake.Version(3, generation: 2)), await RowsAsync());

        await Lake.ManifestAsync(People, load);
        Assert.Equal((2, TestLake.Version(3, generation: 2)), await RowsAsync());
    }

    [Fact]
    public async Task Rows_of_files_with_other_columns_and_key_types_are_the_same_rows()
    {
        await Lake.CdcAsync(People, "SELECT 'I' AS op, 1 AS v, 1::INTEGER AS id, 'ada' AS name");
        await Lake.CdcAsync(People, "SELECT 'U' AS op, 2 AS v, 1::BIGINT AS id, 'eve' AS name, 7 AS extra");
        await Lake.CdcAsync(People, "SELECT 'D' AS op, 3 AS v, '1' AS id, NULL::VARCHAR AS name");

        Assert.Equal((0, TestLake.Version(3)), await RowsAsync());
    }

    [Fact]
    public async Task Plain_files_are_counted_by_their_keys()
    {
        var fed = People with { Feed = new TableFeed { Prefix = "people/" } };
        await Lake.PutAsync(Lake.Uri.Key("people/a.parquet"), "SELECT 1 AS id, 'ada' AS name UNION ALL SELECT 2, 'bob'");
        await Lake.PutAsync(Lake.Uri.Key("people/b.parquet"), "SELECT 2 AS id, 'eve' AS name");
        await using var source = await Servers.CreateDatabaseAsync();

        var places = await ReadAsync(fed, source);

        Assert.Equal((2, 2), (places.Lake!.Files, places.Lake.Rows));
        Assert.Null(places.Source);
        Assert.Empty(places.Failures);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_told_and_the_others_are_counted()
    {
        await Lake.LoadAsync(People, 1, "SELECT 5 AS id, 'eve' AS name");
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await Lake.PutBytesAsync(Lake.CdcKey(People, Committed, Committed), "this is no Parquet"u8.ToArray());

        var places = await ReadAsync(People);

        Assert.Equal((3, 2), (places.Lake!.Files, places.Lake.Rows));
        Assert.Contains(
            places.Notes, note => note.StartsWith("1 file of public.people in the lake cannot be read; of", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_read_of_one_place_hides_no_other()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        const string nowhere = "Host=127.0.0.1;Port=1;Username=nobody;Database=none";

        var places = await new LakeStatusJob(Lake.Reader, nowhere, Analytics.ConnectionString).ReadAsync(People, CancellationToken.None);
        Assert.Contains("source database none", Assert.Single(places.Failures), StringComparison.Ordinal);
        Assert.Equal((1, 1, null), (places.Lake!.Rows, places.Analytics!.Rows, places.Source));

        places = await new LakeStatusJob(Lake.Reader, null, nowhere).ReadAsync(People, CancellationToken.None);
        Assert.Contains("analytics database none", Assert.Single(places.Failures), StringComparison.Ordinal);
        Assert.Equal((1, null, null), (places.Lake!.Rows, places.Lake.WaitingFiles, places.Analytics));

        var away = new LakeStatusJob(
            new LakeReader(Servers.S3, new LakeUri("no-such-bucket", "cdc")), null, Analytics.ConnectionString);
        places = await away.ReadAsync(People, CancellationToken.None);
        Assert.Contains("the bucket does not exist", Assert.Single(places.Failures), StringComparison.Ordinal);
        Assert.Equal((1, null), (places.Analytics!.Rows, places.Lake));
        Assert.Contains(places.Notes, note => note.Contains("and not from this lake", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lake_that_has_just_begun_waits_for_no_marker_of_before()
    {
        await using var source = await SourceAsync("(1, 'ada')");
        await source.ExecuteAsync("UPDATE cdcdms.marker SET written_at = written_at - interval '1 hour'");
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name");
        Assert.Null((await ReadAsync(People, source)).Source!.MarkersMissingSinceUtc);

        await MarkerWriter.WriteOneAsync(source.ConnectionString, intervalSeconds: 60, CancellationToken.None);

        var place = (await ReadAsync(People, source)).Source!;
        Assert.Equal((4, place.NewestMarker!.Utc), (place.NewestMarker.Number, place.MarkersMissingSinceUtc));
    }

    [Fact]
    public async Task A_lake_without_a_file_of_the_table_is_told()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        using var other = await TestLake.CreateAsync(Servers);

        var places = await new LakeStatusJob(other.Reader, null, Analytics.ConnectionString).ReadAsync(People, CancellationToken.None);

        Assert.Equal(
            [
                $"analytics.people was filled from {Lake.Uri}, and not from this lake.",
                $"{other.Uri} has no file of public.people: capture the table, or correct the lake.",
            ],
            places.Notes);
    }

    [Fact]
    public async Task A_parked_table_and_a_lake_without_a_full_load_are_told()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        await Analytics.ExecuteAsync("UPDATE cdc.tables SET parked_cause = 'Too much.'");

        Assert.Equal(
            [
                "analytics.people is parked: Too much.",
                "The lake has no full load of public.people: rows that have not changed since its first file are not in it.",
            ],
            (await ReadAsync(People)).Notes);
    }

    [Fact]
    public async Task Roles_that_may_only_read_are_enough_and_nothing_is_created()
    {
        await using var source = await SourceAsync("(1, 'ada')");
        Assert.Empty((await ReadAsync(People, source)).Failures);
        await AssertAnswerAsync(false, "SELECT to_regnamespace('cdc') IS NOT NULL OR to_regnamespace('analytics') IS NOT NULL");
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        var reader = await ReadOnlyRole.CreateAsync(Analytics, "cdc", "analytics");
        var looker = await ReadOnlyRole.CreateAsync(source, "public");
        try
        {
            var places = await new LakeStatusJob(Lake.Reader, looker.ConnectionString, reader.ConnectionString)
                .ReadAsync(People, CancellationToken.None);

            Assert.Empty(places.Failures);
            // The role may not read markers.
            Assert.Equal((1, null, 1, 1), (places.Source!.Rows, places.Source.NewestMarker, places.Lake!.Rows, places.Analytics!.Rows));
        }
        finally
        {
            await reader.DropAsync();
            await looker.DropAsync();
        }
    }

    // TestLake's commit time.
    private static DateTime Committed { get; } = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddMicroseconds(678901);

    private static string Select(string[] changes) =>
        "SELECT op, v, id::INTEGER AS id, name, old::INTEGER AS \"BI_id\""
        + $" FROM (VALUES {string.Join(", ", changes)}) t(op, v, id, name, old)";

    private Task<TablePlaces> ReadAsync(TableDefinition table, TestDatabase? source = null) =>
        new LakeStatusJob(Lake.Reader, source?.ConnectionString, Analytics.ConnectionString).ReadAsync(table, CancellationToken.None);

    private async Task<(long? Rows, string? Newest)> RowsAsync()
    {
        var lake = (await ReadAsync(People)).Lake!;
        return (lake.Rows, lake.NewestVersion);
    }

    private Task MarkerInLakeAsync(int number) => Lake.CdcAsync(
        MarkerTable.Definition,
        $"SELECT 'I' AS op, {number * 100} AS v, {number}::BIGINT AS number, uuid() AS id, 60 AS interval_seconds");

    /// <summary>A source with people and three markers.</summary>
    private async Task<TestDatabase> SourceAsync(string rows)
    {
        var source = await Servers.CreateDatabaseAsync();
        await source.ExecuteAsync($"CREATE TABLE people (id integer PRIMARY KEY, name text); INSERT INTO people VALUES {rows}");
        for (var marker = 0; marker < 3; marker++)
            await MarkerWriter.WriteOneAsync(source.ConnectionString, intervalSeconds: 60, CancellationToken.None);
        return source;
    }
}
