using System.Globalization;
using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Tests.Transcoding;

/// <summary>Values of every type, as DMS writes them into JSON, are in analytics what they were at the source.</summary>
public sealed class StreamedTypesTests(TestServers servers) : StreamFixture(servers)
{
    /// <summary>Type, the value at the source in SQL, and its text in the message.</summary>
    private static readonly (string Type, string Source, string Json)[] Values =
    [
        ("smallint", "-32768", "-32768"),
        ("integer", "2147483647", "2147483647"),
        ("bigint", "9007199254740993", "9007199254740993"),
        ("bigint", "-9223372036854775808", "-9223372036854775808"),
        ("numeric(38,10)", "9999999999999999999999999999.9999999999", "9999999999999999999999999999.9999999999"),
        ("numeric(38,10)", "-0.0000000001", "\"-0.0000000001\""),
        ("numeric(12,2)", "1.10", "1.10"),
        ("numeric", "'0.611111104488373'", "0.611111104488373"),
        ("money", "'1234.50'", "1234.5000"),
        ("real", "1.1", "1.10000002"),
        ("real", "1.4e-45", "1.40129846e-45"),
        ("double precision", "0.23", "0.23"),
        ("double precision", "0.30000000000000004", "0.30000000000000004"),
        ("double precision", "1e300", "1.0000000000000001e+300"),
        ("boolean", "true", "true"),
        ("boolean", "false", "\"f\""),
        ("boolean", "true", "\"t\""),
        ("text", "''", "\"\""),
        ("text", "E'a\\tb \"ö\" \\\\ 😀'", "\"a\\tb \\\"\\u00f6\\\" \\\\ \\ud83d\\ude00\""),
        ("varchar(20)", "'null'", "\"null\""),
        ("char(5)", "'B'", "\"B\""),
        ("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\""),
        ("json", "'{\"b\" :1}'", "\"{\\\"b\\\" :1}\""),
        ("json", "'{\"b\": 1e400}'", "{\"b\": 1e400}"),
        ("jsonb", "'{\"a\": [1, null]}'", "\"{\\\"a\\\": [1, null]}\""),
        ("xml", "'<a>1</a>'", "\"<a>1</a>\""),
        ("bytea", "'\\x80057d942e'", "\"0x80057D942E\""),
        ("bytea", "''", "\"0x\""),
        ("date", "'2018-01-02'", "\"2018-01-02\""),
        ("date", "'9999-12-31'", "\"9999-12-31\""),
        ("timestamp", "'2010-11-01 00:02:00.1'", "\"2010-11-01T00:02:00.100000Z\""),
        ("timestamp", "'2010-11-01 00:02:00'", "\"2010-11-01T00:02:00Z\""),
        ("timestamptz", "'2010-11-01 00:02:00.000001+00'", "\"2010-11-01T00:02:00.000001Z\""),
        ("time", "'12:34:56.789'", "\"12:34:56.789\""),
        ("interval", "'-1 days -01:42:30'", "\"-1 days -01:42:30\""),
        ("interval", "'1 year 2 months 3 days'", "\"1 YEAR, 2 MONTHS, 3 DAYS\""),
        ("inet", "'10.1.2.3/8'", "\"10.1.2.3/8\""),
        ("bit varying(8)", "'10110'", "\"10110\""),
        ("int4range", "'[1,5)'", "\"[1,5)\""),
        ("point", "'(1,2.5)'", "\"(1,2.5)\""),
        ("integer[]", "'{1,NULL,3}'", "\"{1,NULL,3}\""),
        ("text[]", "'{\"a b\",c}'", "\"{\\\"a b\\\",c}\""),
    ];

    private static TableDefinition Types => People with
    {
        Columns =
        [
            People.Columns![0],
            .. Values.Select((value, at) => new ColumnMapping { From = $"c{at}", To = $"c{at}", Type = value.Type }),
        ],
    };

    [Theory]
    [InlineData("BYTEA")]
    [InlineData(" pg_catalog.bytea")]
    public async Task Bytes_are_bytes_however_their_type_is_written(string type)
    {
        var table = People with { Columns = [People.Columns![0], new() { From = "name", To = "name", Type = type }] };
        await StreamAsync(table, Messages.Load("\"id\":1,\"name\":\"0x80057D942E\""));

        await MergeAsync(table);

        await AssertAnswerAsync<string>("80057d942e", "SELECT encode(name, 'hex') FROM analytics.people");
    }

    [Fact]
    public async Task Texts_of_a_domain_over_bytes_park_their_table()
    {
        await Analytics.ExecuteAsync("CREATE DOMAIN public.digest AS bytea");
        var table = People with { Columns = [People.Columns![0], new() { From = "name", To = "name", Type = "public.digest" }] };
        await StreamAsync(table, Messages.Load("\"id\":1,\"name\":\"0x41\""));

        Assert.Equal(ErrorKind.Parked, (await Assert.ThrowsAsync<CdcDmsException>(() => MergeAsync(table))).Kind);
    }

    // PostgreSQL makes of the text 0x41 the bytes of its four letters, without an error.
    [Fact]
    public async Task Texts_that_came_before_the_definition_knew_bytes_park_their_table_until_they_are_left_out_and_loaded_again()
    {
        var bytes = People with { Columns = [People.Columns![0], new() { From = "name", To = "name", Type = "bytea" }] };
        await StreamAsync(People, Messages.Load("\"id\":1,\"name\":\"0x41\""), Messages.Load("\"id\":2,\"name\":null"));

        var parked = await Assert.ThrowsAsync<CdcDmsException>(() => MergeAsync(bytes));

        Assert.Equal(ErrorKind.Parked, parked.Kind);
        Assert.Contains(
            "have texts in the column name, of which PostgreSQL would make other bytes", parked.Message, StringComparison.Ordinal);
        await AssertAnswerAsync<long>(0, "SELECT count(*) FROM analytics.people");
        await new ResumeJob(Analytics.ConnectionString).RunAsync(People.TargetName, Consent.None, CancellationToken.None);
        Assert.Equal(2, (await MergeAsync(bytes with { Columns = [People.Columns![0]], LeaveOut = ["name"] })).Inserted);
        await StreamAsync(bytes, Messages.Change("update", 1, "\"id\":1,\"name\":\"0x41\""));
        Assert.Equal(1, (await MergeAsync(bytes)).Updated);
        await AssertAnswerAsync<string>("41", "SELECT encode(name, 'hex') FROM analytics.people WHERE id = 1");
    }

    [Fact]
    public async Task Every_value_is_in_analytics_what_it_was_at_the_source()
    {
        var members = string.Join(",", Values.Select((value, at) => $"\"c{at}\":{value.Json}"));
        await StreamAsync(Types, Messages.Load($"\"id\":1,{members}"), Messages.Change("insert", 1, $"\"id\":2,{members}"));

        var rows = await MergeAsync(Types);

        Assert.Equal(new RowCounts { Read = 2, Inserted = 2 }, rows);
        for (var at = 0; at < Values.Length; at++)
            Assert.Equal(
                $"{at} {Values[at].Type} {Values[at].Source}: 2",
                $"{at} {Values[at].Type} {Values[at].Source}: " + (await Analytics.ScalarAsync<long>(
                    $"SELECT count(*) FROM analytics.people WHERE c{at}::text = ({Values[at].Source})::{Values[at].Type}::text"))
                    .ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_number_that_DMS_has_rounded_is_refused_by_PostgreSQL_and_not_made_up()
    {
        var table = People with { Columns = [People.Columns![0], new() { From = "name", To = "name", Type = "bigint" }] };
        await StreamAsync(
            table, Messages.Change("insert", 1, "\"id\":1,\"name\":1.234567890123456e+18"),
            Messages.Change("insert", 2, "\"id\":2,\"name\":7"));

        var rows = await MergeAsync(table);

        Assert.Equal(new RowCounts { Read = 2, Inserted = 1, Quarantined = 1 }, rows);
        Assert.Contains("1.234567890123456e+18", Assert.Single(await QuarantineAsync()).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_any_type_finds_its_row_by_its_text()
    {
        var byTime = People with { Key = ["id"], Columns = [new() { From = "id", To = "id", Type = "timestamptz" }, People.Columns![1]] };
        await StreamAsync(
            byTime, Messages.Change("insert", 1, "\"id\":\"2010-11-01T00:02:00.100000Z\",\"name\":\"ada\""),
            Messages.Change("update", 2, "\"id\":\"2010-11-01T00:02:00.1Z\",\"name\":\"bob\""),
            Messages.Change("update", 3, "\"id\":\"2010-11-01T00:02:00.1Z\",\"name\":\"cid\"", "\"id\":\"2010-11-01T00:02:00.100000Z\""));

        var rows = await MergeAsync(byTime);

        Assert.Equal((3, 1, 0), (rows.Read, rows.Inserted, rows.Quarantined));
        await AssertAnswerAsync<string>("cid", "SELECT string_agg(name, ' ') FROM analytics.people");
    }
}
