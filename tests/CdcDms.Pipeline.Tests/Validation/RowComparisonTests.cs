using System.Diagnostics;
using System.Globalization;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Pipeline.Tests.Validation;

/// <summary>
/// Every kind of damage is named exactly, and nothing else is. <c>CDCDMS_THOUSAND_COMPARED</c> says how many thousand rows the damaged
/// table has; the documented figures are of a million.
/// </summary>
public sealed class RowComparisonTests(TestServers servers) : ComparisonFixture(servers)
{
    private const string Many = "many";

    private static readonly int Rows = 1000 * (int.TryParse(
        Environment.GetEnvironmentVariable("CDCDMS_THOUSAND_COMPARED"), CultureInfo.InvariantCulture, out var thousands) ? thousands : 2);

    // A few ranges, whatever the table's size.
    private static readonly ScanLimits Limits = new() { RangeBytes = 24L * Rows };

    private static readonly (string Damage, string Named)[] Damages =
    [
        ("UPDATE analytics.many SET bytes = set_byte(bytes, 1, get_byte(bytes, 1) # 1) WHERE id = 11", "Changed id=11: bytes"),
        ("UPDATE analytics.many SET note = overlay(note PLACING '!' FROM 9 FOR 1) WHERE id = 22", "Changed id=22: note"),
        ("DELETE FROM analytics.many WHERE id = 333", "Missing id=333"),
        ("INSERT INTO analytics.many SELECT 0, note, price, ratio, at, bytes FROM analytics.many WHERE id = 12", "Extra id=0"),
        ("UPDATE analytics.many SET note = '' WHERE id = 500", "Changed id=500: note"),
        ("UPDATE analytics.many SET ratio = '-0' WHERE id = 600", "Changed id=600: ratio"),
        ("UPDATE analytics.many SET price = 1.500 WHERE id = 700", "Changed id=700: price"),
        ("UPDATE analytics.many SET at = at + interval '1 microsecond' WHERE id = 800", "Changed id=800: at"),
        ("UPDATE analytics.many SET note = NULL, price = NULL WHERE id = 999", "Changed id=999: note price"),
    ];

    [Fact]
    public async Task Each_damage_alone_and_all_of_them_together_are_named_exactly()
    {
        await FillAsync();
        await Target.ExecuteAsync("CREATE TABLE analytics.before AS SELECT * FROM analytics.many");
        Assert.Empty(await DifferencesAsync(Table(Many), Limits));
        var began = Stopwatch.GetTimestamp();
        foreach (var (damage, named) in Damages)
        {
            await Target.ExecuteAsync(damage);
            Assert.Equal([named], await DifferencesAsync(Table(Many), Limits));
            var id = named.Split('=', ':')[1];
            await Target.ExecuteAsync(
                $"DELETE FROM analytics.many WHERE id = {id}; "
                + $"INSERT INTO analytics.many SELECT * FROM analytics.before WHERE id = {id}");
        }

        await Target.ExecuteAsync(string.Join("; ", Damages.Select(damage => damage.Damage)));

        Assert.Equal(Damages.Select(damage => damage.Named).Order(), (await DifferencesAsync(Table(Many), Limits)).Order());
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Damages.Length + 1} comparisons of {Rows} rows: {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s");
    }

    [Fact]
    public async Task Beyond_what_is_told_every_row_is_still_counted()
    {
        await FillAsync();
        await Target.ExecuteAsync("""
            UPDATE analytics.many SET note = coalesce(note, '') || '.' WHERE id > 100; UPDATE analytics.many SET price = 0 WHERE id > 1900;
            DELETE FROM analytics.many WHERE id <= 30; INSERT INTO analytics.many (id) SELECT -i FROM generate_series(1, 20) i
            """);

        var found = await CompareAsync(Table(Many), Limits with { JoinedRows = 100, ExaminedRows = 500, ToldRows = 40 });

        Assert.Equal((Rows, Rows - 10), (found.Result.SourceRows, found.Result.TargetRows));
        Assert.Equal((30, 20, Rows - 100), (found.Result.Missing, found.Result.Extra, found.Result.Changed));
        Assert.Equal(["note", "price"], found.Result.DifferentColumns);
        Assert.Equal(40, found.Differences.Count);
        Assert.All(found.Differences, row => Assert.True(
            row.Kind switch
            {
                DifferenceKind.Missing => Id(row) is > 0 and <= 30,
                DifferenceKind.Extra => Id(row) < 0,
                _ => Id(row) > 100 && row.Columns[0] == "note" && row.Columns.Contains("price") == Id(row) > 1900,
            },
            $"{row}"));
    }

    [Fact]
    public async Task What_is_told_of_many_rows_that_differ_are_the_first_by_key_whatever_their_kind()
    {
        await BothAsync("CREATE TABLE $.ordered (n numeric, t text, a integer, PRIMARY KEY (n, t))");
        await BothAsync("INSERT INTO $.ordered SELECT i - 10, t, 0 FROM generate_series(1, 120) i, unnest('{b,aa,B}'::text[]) t");
        await Target.ExecuteAsync("""
            UPDATE analytics.ordered SET a = 1 WHERE n % 3 = 0; DELETE FROM analytics.ordered WHERE n % 3 = -2;
            UPDATE analytics.ordered SET t = t || '!' WHERE n = -7
            """);
        string[] expected =
        [
            "Changed n=-9 t=B: a", "Changed n=-9 t=aa: a", "Changed n=-9 t=b: a",
            "Missing n=-8 t=B", "Missing n=-8 t=aa", "Missing n=-8 t=b",
            "Missing n=-7 t=B", "Extra n=-7 t=B!", "Missing n=-7 t=aa", "Extra n=-7 t=aa!", "Missing n=-7 t=b", "Extra n=-7 t=b!",
            "Changed n=-6 t=B: a", "Changed n=-6 t=aa: a", "Changed n=-6 t=b: a",
        ];

        var found = await CompareAsync(Table("ordered"), new ScanLimits { ToldRows = expected.Length });

        Assert.Equal(expected, Named(found));
        Assert.Equal(135, found.Result.Missing + found.Result.Extra + found.Result.Changed);
    }

    [Fact]
    public async Task Rows_that_are_read_are_reported_with_how_many_there_may_be()
    {
        await FillAsync();
        await BothAsync("ANALYZE $.many");
        await Target.ExecuteAsync("DELETE FROM analytics.many WHERE id = 7");
        var reports = new Reports();

        await new Validator(Source.ConnectionString, Target.ConnectionString) { Limits = Limits, Progress = reports }.CompareAsync(
            Table(Many), withValues: false, TestContext.Current.CancellationToken);

        Assert.All(reports.All, report => Assert.Equal("shop.many", report.Table));
        Assert.True(reports.All.Count > 6, $"{reports.All.Count} reports");
        Assert.Equal(reports.All.Select(report => report.Source.Read).Order(), reports.All.Select(report => report.Source.Read));
        var last = reports.All[^1];
        Assert.Equal(
            (new RowsRead(Rows, Rows), new RowsRead(Rows - 1, Rows), true), (last.Source, last.Target, last.Differs));
    }

    private sealed class Reports : IProgress<ComparisonProgress>
    {
        public List<ComparisonProgress> All { get; } = [];

        public void Report(ComparisonProgress value) => All.Add(value);
    }

    [Fact]
    public async Task Values_are_told_only_when_they_are_asked_for_and_cut_when_they_are_long()
    {
        await BothAsync("CREATE TABLE $.told (id integer PRIMARY KEY, a text, b text)");
        await Source.ExecuteAsync("INSERT INTO shop.told VALUES (1, 'x', 'same'), (2, NULL, ''), (3, repeat('long', 1000), NULL)");
        await Target.ExecuteAsync("INSERT INTO analytics.told VALUES (1, NULL, 'same'), (3, 'short', NULL), (4, '', NULL)");

        Assert.All((await CompareAsync(Table("told"))).Differences, row => Assert.Equal((null, null), (row.Source, row.Target)));
        var told = (await CompareAsync(Table("told"), withValues: true)).Differences;

        Assert.Equal(["1", "2", "3", "4"], told.Select(row => row.Key["id"]));
        Assert.Equal(new Dictionary<string, string?> { ["a"] = "x" }, told[0].Source);
        Assert.Equal(new Dictionary<string, string?> { ["a"] = null }, told[0].Target);
        Assert.Equal(new Dictionary<string, string?> { ["id"] = "2", ["a"] = null, ["b"] = "" }, told[1].Source);
        Assert.Null(told[1].Target);
        Assert.Equal((1000, 5), (told[2].Source!["a"]!.Length, told[2].Target!["a"]!.Length));
        Assert.Equal("", told[3].Target!["a"]);
        Assert.Null(told[3].Source);
    }

    [Fact]
    public async Task Rows_whose_key_is_null_are_counted_one_by_one()
    {
        await BothAsync("CREATE TABLE $.loose (id integer UNIQUE, a text)");
        await Source.ExecuteAsync("INSERT INTO shop.loose VALUES (NULL, 'a'), (NULL, 'a'), (NULL, 'b'), (1, 'c')");
        await Target.ExecuteAsync("INSERT INTO analytics.loose VALUES (NULL, 'b'), (NULL, 'a'), (NULL, 'd'), (1, 'c'), (NULL, 'e')");

        var differences = await DifferencesAsync(Table("loose") with { Key = ["id"] });

        Assert.Equal(["Changed id=: a", "Extra id="], differences.Order());
    }

    [Fact]
    public async Task Servers_that_hash_no_records_find_the_same()
    {
        await BothAsync("CREATE TABLE $.old (id integer PRIMARY KEY, a text, b numeric)");
        await BothAsync("INSERT INTO $.old SELECT i, 'a' || i, i FROM generate_series(1, 300) i");
        await Target.ExecuteAsync("UPDATE analytics.old SET a = NULL WHERE id = 7; DELETE FROM analytics.old WHERE id = 8");

        Assert.Equal(
            ["Changed id=7: a", "Missing id=8"], await DifferencesAsync(Table("old"), new ScanLimits { MayHashRecords = false }));
    }

    private static int Id(RowDifference row) => int.Parse(row.Key["id"]!, CultureInfo.InvariantCulture);

    private async Task FillAsync()
    {
        await BothAsync("""
            CREATE TABLE $.many (id bigint PRIMARY KEY, note text, price numeric, ratio double precision, at timestamptz, bytes bytea)
            """);
        await BothAsync($"""
            INSERT INTO $.many SELECT i, CASE WHEN i % 500 > 0 THEN md5(i::text) END, 1.5, i % 3,
                timestamptz '2026-01-01' + i * interval '1.000001 s', decode(md5(i::text), 'hex') FROM generate_series(1, {Rows}) i
            """);
    }
}
