using CdcDms.Testing;

namespace CdcDms.Local.Tests.Capture;

/// <summary>The snapshot reads binary values where the stream reads texts, and a value has one form in the files of both.</summary>
public sealed class SnapshotFormTests(TestServers servers)
{
    // More than three row groups, so that the buffers of each are used again.
    private const int Rows = 32_000;

    // From tiny to as large as the type holds, of both signs, and the values that are no numbers.
    private static readonly (string Type, string Value, string Special)[] Columns =
    [
        ("numeric", Numeric(28, 7), "0"),
        ("numeric(20,5)", Numeric(21, 6), "-0.000005"),
        ("numeric(38,10)", Numeric(38, 10), "99999999"),
        ("numeric(5,5)", "(random() - 0.5)::numeric", "0.1"),
        ("numeric(5,-2)", "i * 100 * (i % 3 - 1)", "50"),
        ("money", "((random() - 0.5) * 10 ^ (i % 16))::numeric::money", "'-1'::money"),
        ("real", "((random() - 0.5) * 10 ^ (i % 70 - 35))::real", "-'NaN'::real"),
        ("double precision", "(random() - 0.5) * 10 ^ (i % 600 - 300)", "-'NaN'::float8"),
        ("double precision", "i / 3.0", "'-Infinity'"),
        ("smallint", "i % 65536 - 32768", "-32768"),
        ("integer", "((random() - 0.5) * 4e9)::int", "-2147483648"),
        ("bigint", "((random() - 0.5) * 1.8e19)::bigint", "-9223372036854775808"),
        ("boolean", "i % 2 = 0", "true"),
        ("date", "date '2000-01-01' + ((random() - 0.5) * 4000000)::int", "'infinity'"),
        ("date", "date '5874897-12-31' - i", "'-infinity'"),
        ("timestamp", "timestamp '2000-01-01' + (random() - 0.5) * interval '12000 years'", "'infinity'"),
        ("timestamptz", "timestamptz '2000-01-01' + (random() - 0.5) * interval '12000 years'", "'-infinity'"),
        ("time", "time '0:00' + random() * interval '1 day'", "'24:00'"),
        ("timetz", "(time '0:00' + random() * interval '1 day')::timetz", "'24:00'"),
        ("text", "repeat(chr(i + 200), i % 5)", "''"),
        ("varchar(40)", "md5(i::text)", "''"),
        ("char(40)", "i::text", "''"),
        ("bytea", "decode(md5(i::text), 'hex')", "''"),
        ("amount", "i / 7.0", "0"),
    ];

    [Fact]
    public async Task A_value_is_the_same_in_the_snapshot_and_in_the_stream()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            $"""
            CREATE DOMAIN amount AS numeric(20,5) CHECK (value > -1);
            CREATE TABLE t (id int PRIMARY KEY, {string.Join(", ", Columns.Select((column, place) => $"c{place} {column.Type}"))});
            SELECT setseed(0.5);
            INSERT INTO t SELECT i, {string.Join(", ", Columns.Select(column =>
                $"CASE i % 50 WHEN 0 THEN NULL WHEN 1 THEN {column.Special} ELSE {column.Value} END"))}
            FROM generate_series(1, {Rows}) i
            """,
            "public.t");
        await test.RunAsync();
        await test.RunAsync("UPDATE t SET id = -id");

        var differences = await test.ReadAsync(
            "public.t",
            "WITH rows AS (SELECT * FROM {0}) SELECT count(*), "
            + string.Join(", ", Columns.Select((_, place) => $"count(*) FILTER (s.c{place}::TEXT IS DISTINCT FROM l.c{place}::TEXT)"))
            + " FROM rows s JOIN rows l ON l.id = -s.id WHERE s.Op <> 'D' AND s.cdc_change_seq <> '' AND l.cdc_change_seq = ''");

        Assert.Equal(
            [$"rows {Rows}", .. Columns.Select(column => $"{column.Type} 0")],
            Columns.Select(column => column.Type).Prepend("rows").Zip(differences[0].Split('|'), (type, count) => $"{type} {count}"));
    }

    [Theory]
    [InlineData("ALTER TABLE later DROP n, ADD n text DEFAULT 'four'", "four")]
    [InlineData("ALTER TABLE later DROP n, ADD n bigint DEFAULT 4", "4")]
    [InlineData("ALTER TABLE later DROP n, ADD n real DEFAULT 4", "4.0")]
    [InlineData("ALTER TABLE later DROP n, ADD n date DEFAULT '2020-01-02'", "2020-01-02")]
    public async Task Bytes_of_a_column_that_became_another_are_not_taken_for_the_one_that_it_was(string alteration, string value)
    {
        await using var test = await CaptureTest.StartAlteredAsync(
            servers, "CREATE TABLE later (id int PRIMARY KEY, n int); INSERT INTO later VALUES (1, 1)", alteration);

        await test.RunAsync();

        Assert.Equal([value], await test.ReadAsync("public.later", "SELECT n FROM {0}"));
        Assert.DoesNotContain(await test.MarksAsync(), mark => mark.Contains("GivenUp", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("numeric", "-1234567890123456789012345.5", "-1234567890123456789012345.5")]
    [InlineData("numeric(9,2)", "'NaN'", "NaN")]
    [InlineData("timestamp", "'294276-12-31'", "9223371244800000000 µs after 2000")]
    public async Task A_value_that_does_not_fit_is_told_by_its_text(string type, string literal, string told)
    {
        await using var test = await CaptureTest.StartAsync(
            servers, $"CREATE TABLE t (id int PRIMARY KEY, bad {type}); INSERT INTO t VALUES (1, {literal})", "public.t");

        var fault = await Assert.ThrowsAsync<Contract.CdcDmsException>(() => test.RunAsync());

        Assert.Contains($"cannot hold ({told});", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_is_given_up_while_a_file_of_it_is_uploaded_has_no_file()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            """
            CREATE TABLE bad (id int PRIMARY KEY, a text, n numeric);
            INSERT INTO bad SELECT i, repeat('x', 1000), CASE WHEN i < 1500 THEN i ELSE 'NaN'::numeric END FROM generate_series(1, 1500) i;
            CREATE TABLE good (id int PRIMARY KEY)
            """,
            "public.bad",
            "public.good");
        using var slow = new SlowS3(servers);
        test.Options = test.Options with { LoadFileMegabytes = 1, S3 = slow };

        Assert.Equal(1, (await test.RunAsync()).TablesRefused);

        await slow.Upload;
        Assert.Empty(await test.KeysAsync("g001/public/bad/"));
    }

    private static string Numeric(int digits, int afterPoint) =>
        $"(random() - 0.5)::numeric * 10::numeric ^ (i % {digits} - {afterPoint}) + random()::numeric / 1000000";
}
