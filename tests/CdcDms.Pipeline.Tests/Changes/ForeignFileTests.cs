using System.IO.Compression;

namespace CdcDms.Pipeline.Tests.Changes;

/// <summary>Parquet that others than DMS have written: each file is merged right, or refused before anything is changed.</summary>
public sealed class ForeignFileTests(TestServers servers) : MergeFixture(servers)
{
    private const string Nested =
        "['a'] AS tags, ['b'] AS codes, {'id': 5, 'name': 'inside'} AS parts, MAP {'k': 1} AS pairs, [[1], [2]] AS matrix";

    private static TableDefinition Fed(string? orderBy = null) =>
        People with { Feed = new TableFeed { Prefix = "processed/people/", OrderBy = orderBy } };

    private static TableDefinition Typed(string type, string? orderBy = null) =>
        Fed(orderBy) with { Columns = [People.Columns![0], new() { From = "name", To = "name", Type = type }] };

    [Fact]
    public async Task Nested_columns_that_nobody_wants_are_no_columns()
    {
        await PutAsync("part-0.parquet", $"SELECT 1 AS id, 'ada' AS name, {Nested}");

        Assert.Equal(new RowCounts { Read = 1, Inserted = 1 }, await MergeAsync(Fed()));
        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    public async Task Files_that_nest_one_anothers_columns_are_not_read_as_each_other(string first, string second)
    {
        await PutAsync($"{first}.parquet", "SELECT 1 AS id, 'ada' AS name, {'other': 'x'} AS parts");
        await PutAsync($"{second}.parquet", "SELECT 2 AS id, {'name': 'inside'} AS parts, 'y' AS other");

        Assert.Equal(new RowCounts { Read = 2, Inserted = 2 }, await MergeAsync(Fed()));

        Assert.Equal("1=ada 2=∅", await PeopleAsync());
    }

    [Theory]
    [InlineData("['a'] AS extra", "VARCHAR[]")]
    [InlineData("{'id': 5} AS extra", "STRUCT")]
    [InlineData("'1.50'::DECIMAL(38,2) AS extra", "DECIMAL(39,2)")]
    public async Task A_new_column_that_cannot_be_read_parks_the_table_before_anything_is_added(string column, string type)
    {
        var adding = Fed() with { NewColumns = NewColumnPolicy.Add };
        var key = await PutAsync("part-0.parquet", $"SELECT 1 AS id, 'ada' AS name, 7 AS other, {column}");
        await WithLongDecimalsAsync(key);

        await AssertRefusedAsync(adding, ErrorKind.Parked, key, "the new column extra", type, "leaveOut");

        Assert.Empty((await StatusAsync()).Unproven);
        await AssertAnswerAsync<long>(
            0, "SELECT count(*) FROM information_schema.columns WHERE table_name = 'people' AND column_name IN ('extra', 'other')");
    }

    [Theory]
    [InlineData("numeric", "'1.50'::DECIMAL(38,2)", "DECIMAL(39,2)")]
    [InlineData("double precision", "'1.50'::DECIMAL(38,2)", "DECIMAL(39,2)")]
    [InlineData("text", "['a']", "VARCHAR[]")]
    [InlineData("integer", "[1]", "INTEGER[]")]
    public async Task A_wanted_column_that_cannot_be_read_rejects_its_file(string target, string value, string type)
    {
        await PutAsync("part-0.parquet", "SELECT 1 AS id, NULL::VARCHAR AS name");
        var key = await PutAsync("part-1.parquet", $"SELECT 2 AS id, {value} AS name");
        await WithLongDecimalsAsync(key);

        Assert.Equal(1, (await MergeAsync(Typed(target))).Read);

        Assert.Equal("1=∅", await PeopleAsync());
        var rejected = Assert.Single((await StatusAsync()).RejectedFiles);
        Assert.Equal(key, rejected.Key);
        Assert.Contains($"the column name has the type {type}", rejected.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Times_and_timestamps_of_every_unit_and_zone_arrive_to_the_microsecond()
    {
        (string Value, string Type, string Expected)[] values =
        [
            ("'12:34:56.123456+00'::TIMETZ", "time", "12:34:56.123456"),
            ("TIMESTAMP_NS '2026-01-01 00:00:00.123456789'", "timestamp", "2026-01-01 00:00:00.123456"),
            ("TIMESTAMPTZ '2026-01-01 02:00:00.5+02'", "timestamptz", "2026-01-01 00:00:00.5+00"),
            ("'12:34:56.123456789'::TIME_NS", "time", "12:34:56.123457"),
        ];
        foreach (var ((value, type, expected), number) in values.Select((value, number) => (value, number)))
        {
            var table = Typed(type) with { Target = $"analytics.t{number}", Feed = new TableFeed { Prefix = $"processed/{number}/" } };
            await Lake.PutAsync(Lake.Uri.Key($"processed/{number}/part.parquet"), $"SELECT 1 AS id, {value} AS name");
            await MergeAsync(table);
            Assert.Equal(
                (value, expected), (value, await Analytics.ScalarAsync<string>($"SELECT name::text FROM {table.Target}")));
        }
    }

    [Fact]
    public async Task Rows_are_ordered_by_the_last_nanosecond_whatever_comes_first()
    {
        string Row(int id, string nanoseconds, string name) =>
            $"SELECT {id} AS id, '{name}' AS name, TIMESTAMP_NS '2026-01-01 00:00:00.123456{nanoseconds}' AS at";
        await PutAsync("part-0.parquet", $"{Row(1, "789", "newer")} UNION ALL {Row(1, "123", "older")} UNION ALL {Row(2, "5", "newer")}");
        await MergeAsync(Fed("at"));
        await PutAsync("part-1.parquet", Row(2, "499", "older"));
        await MergeAsync(Fed("at"));
        await PutAsync("part-2.parquet", "SELECT 2 AS id, 'newest' AS name, TIMESTAMP '2026-01-01 00:00:00.123457' AS at");
        await MergeAsync(Fed("at"));

        Assert.Equal("1=newer 2=newest", await PeopleAsync());
    }

    [Fact]
    public async Task Keys_that_differ_in_nanoseconds_only_are_one_row()
    {
        var moments = Fed("n") with
        {
            Columns = [new() { From = "id", To = "id", Type = "timestamp" }, new() { From = "name", To = "name", Type = "text" }],
        };
        await PutAsync(
            "part-0.parquet",
            "SELECT TIMESTAMP_NS '2026-01-01 00:00:00.000001001' + to_microseconds(n // 2) AS id, 'n' || n AS name, n FROM range(4) t(n)");

        Assert.Equal(new RowCounts { Read = 4, Inserted = 2, Superseded = 2 }, await MergeAsync(moments));

        Assert.Equal("2026-01-01 00:00:00.000001=n1 2026-01-01 00:00:00.000002=n3", await PeopleAsync());
    }

    [Fact]
    public async Task Hidden_and_temporary_objects_and_empty_ones_are_no_data_and_every_ending_of_Parquet_is()
    {
        foreach (var hidden in (string[])
            [
                "_temporary/0/part-0.parquet", "_delta_log/0001.checkpoint.parquet", "_spark_metadata/0", ".part-0.parquet.crc",
                "day/.hidden.parquet", "_SUCCESS",
            ])
            await Lake.PutBytesAsync(Key(hidden), "nothing to merge"u8.ToArray());
        await Lake.PutBytesAsync(Key("empty.parquet"), []);
        Assert.Equal(0, (await MergeAsync(Fed())).Read);

        string[] endings = [".parquet", ".PARQUET", ".parq", ".pq", ".snappy.parquet", ".parquet.gz", ".parquet.gzip", ".parquet.snappy"];
        foreach (var (ending, number) in endings.Select((ending, number) => (ending, number)))
            await PutAsync($"_day=1/part{ending}", $"SELECT {number} AS id, 'n' AS name");
        await Lake.PutBytesAsync(Key("README.md"), "read me"u8.ToArray());
        var gzip = Key("whole.parquet.gz");
        await Lake.PutBytesAsync(gzip, Gzip(await Lake.BytesAsync(Key("_day=1/part.parquet"))));

        Assert.Equal(endings.Length, (await MergeAsync(Fed())).Inserted);
        var rejected = Assert.Single((await StatusAsync()).RejectedFiles);
        Assert.Equal(gzip, rejected.Key);
        Assert.Contains("compressed as a whole", rejected.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_any_file_that_could_be_merged_is_told()
    {
        await Lake.PutBytesAsync(Key("orders.csv"), "id,name\n1,ada\n"u8.ToArray());
        await Lake.PutBytesAsync(Key("people.csv"), "id,name\n1,ada\n"u8.ToArray());
        await AssertRefusedAsync(Fed(), ErrorKind.BadDefinition, Key("orders.csv"), "no file that ends in .parquet");

        var csv = Lake.Uri.TablePrefix(People.Source, Lake.Generation) + "LOAD00000001.csv";
        await Lake.PutBytesAsync(csv, "1,ada\n"u8.ToArray());
        await AssertRefusedAsync(People, ErrorKind.BadDefinition, csv, "no file that DMS writes as Parquet", "data format");
    }

    [Theory]
    [InlineData("id")]
    [InlineData("name")]
    [InlineData("NAME")]
    public async Task A_column_that_stands_in_the_name_of_a_folder_alone_rejects_its_file(string column)
    {
        await PutAsync("id=7/name=x/other=y/part-0.parquet", "SELECT 1 AS id, 'ada' AS name");
        var key = await PutAsync($"{column}=2/part-1.parquet", $"SELECT * EXCLUDE ({column}) FROM (SELECT 2 AS id, 'bob' AS name)");

        Assert.Equal(1, (await MergeAsync(Fed())).Inserted);

        var rejected = Assert.Single((await StatusAsync()).RejectedFiles);
        Assert.Equal(key, rejected.Key);
        Assert.Contains($"its folder says {column}=2, and the file has no such column", rejected.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("20260102-030405.parquet")]
    [InlineData("part.parquet")]
    public async Task A_file_that_is_written_anew_under_its_name_counts_as_it_is_now(string name)
    {
        await PutAsync(name, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await MergeAsync(Fed());
        var written = await ModifiedAsync();
        // When an object was written is told by the second.
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await ModifiedAsync()).Second == written.Second)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await PutAsync(name, "SELECT * FROM (VALUES (1, 'ada 2'), (2, 'bob'), (3, 'cyd')) t(id, name)");
        }

        await MergeAsync(Fed());

        Assert.Equal("1=ada 2 2=bob 3=cyd", await PeopleAsync());

        async Task<DateTime> ModifiedAsync() =>
            (await Lake.Reader.ListAsync(Key(name), null, CancellationToken.None).SingleAsync()).ModifiedUtc;
    }

    private string Key(string path) => Lake.Uri.Key($"processed/people/{path}");

    private Task<string> PutAsync(string path, string select) => Lake.PutAsync(Key(path), select);

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    /// <summary>Makes every decimal(38,2) of a file a decimal(39,2), which DuckDB does not write.</summary>
    private async Task WithLongDecimalsAsync(string key)
    {
        // Scale and precision in Thrift's compact form: twice a field's header and a zigzag number.
        byte[] digits38 = [0x15, 0x04, 0x15, 0x4c];
        var bytes = await Lake.BytesAsync(key);
        for (int at; (at = bytes.AsSpan().IndexOf(digits38)) >= 0;)
            bytes[at + 3] = 0x4e;
        await Lake.PutBytesAsync(key, bytes);
    }
}
