using System.Globalization;
using CdcDms.Contract.Tables;
using CdcDms.Local.Tests.Capture;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Validation;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Types;

/// <summary>
/// A table with a column of every type, its way through capture and merge, and the comparison of both ends by PostgreSQL's texts.
/// </summary>
internal sealed class RoundTrip(CaptureTest capture, TestDatabase analytics, int seed) : IAsyncDisposable
{
    private const int Rows = 40;
    private const int Way = 1000;
    private static readonly string[] Ways = ["snapshot", "insert", "update", "update of another column"];

    /// <summary>The worst settings that a role or a database can have.</summary>
    private static readonly string[] Settings =
    [
        "TimeZone = 'America/St_Johns'", "DateStyle = 'SQL, DMY'", "IntervalStyle = 'sql_standard'", "bytea_output = "
        + "'escape'", "extra_float_digits = -15",
        "array_nulls = off", "xmloption = 'document'", "standard_conforming_strings = off", "default_transaction_isolation = "
        + "'serializable'", "search_path = 'nowhere'",
    ];

    private static readonly IReadOnlyList<SourceType> Types = SourceTypes.All;

    private static string Columns(string alias = "") => string.Join(", ", Types.Index().Select(type => $"{alias}c{type.Index}"));

    /// <summary>Makes both databases; the source's values depend on the seed alone.</summary>
    public static async Task<RoundTrip> StartAsync(TestServers servers, int seed)
    {
        var capture = await CaptureTest.StartAsync(servers, Generators.OwnTypes + Generators.Functions, "public.every");
        var analytics = await servers.CreateDatabaseAsync();
        var trip = new RoundTrip(capture, analytics, seed);
        await analytics.ExecuteAsync(Generators.OwnTypes);
        await capture.Source.ExecuteAsync(trip.Values());
        // Rows as wide as these are stored out of line, and only a full identity tells what an update leaves alone
        // (docs/dms-contract.md#unchanged-large-values).
        await capture.Source.ExecuteAsync(
            $"""
            CREATE TABLE every (
              id int PRIMARY KEY, note text, {string.Join(", ", Types.Index().Select(type => $"c{type.Index} {type.Item.Name}"))});
            ALTER TABLE every REPLICA IDENTITY FULL;
            INSERT INTO every SELECT r, 'a', {Columns()} FROM shown;
            INSERT INTO every SELECT {2 * Way} + s.r, 'a', {Columns("o.")} FROM shown s JOIN shown o ON o.r = (s.r + 1) % {Rows};
            INSERT INTO every SELECT {3 * Way} + r, 'a', {Columns()} FROM shown;
            """);
        foreach (var database in new[] { capture.Source, analytics })
            await database.ExecuteAsync($"DO $do$ BEGIN {string.Concat(Settings.Select((setting, index) =>
                $"EXECUTE format($f${(index % 2 == 0 ? "ALTER DATABASE %1$I" : "ALTER ROLE %2$I IN DATABASE %1$I")} SET {setting}$f$, "
                + "current_database(), current_user);"))} END $do$");
        return trip;
    }

    /// <summary>The definition that describe writes.</summary>
    public async Task<TableDefinition> DescribedAsync()
    {
        var describer = new TableDescriber(capture.Source.ConnectionString);
        return (await describer.DescribeAsync([new TableName("public", "every")], TestContext.Current.CancellationToken)).Tables.Single();
    }

    /// <summary>The same, into columns of the source's own types.</summary>
    public static TableDefinition OfSameTypes(TableDefinition described) => described with
    {
        Target = "analytics.same",
        Columns = [.. described.Columns!.Select(column => column.From[0] == 'c' ? column with { Type = TypeOf(column.From) } : column)],
    };

    /// <summary>Captures the snapshot, changes the source, captures that, and merges both as each definition says.</summary>
    public async Task TravelAsync(params TableDefinition[] definitions)
    {
        capture.Options = capture.Options with { Tables = [definitions[0]] };
        var snapshot = await capture.RunAsync();
        var changes = await capture.RunAsync(
            $"""
            SET search_path = public;
            INSERT INTO every SELECT {Way} + r, 'a', {Columns()} FROM shown;
            UPDATE every e SET ({Columns()}) = ROW({Columns("s.")}) FROM shown s WHERE e.id = {2 * Way} + s.r;
            UPDATE every SET note = 'b' WHERE id >= {3 * Way};
            """);
        Assert.Equal((3L * Rows, 3L * Rows), (snapshot.SnapshotRows, changes.ChangesCaptured));
        foreach (var definition in definitions)
        {
            var job = new MergeJob(new LakeReader(capture.Options.S3, capture.Options.Lake), analytics.ConnectionString);
            while ((await job.RunAsync(definition, 1L << 30, TestContext.Current.CancellationToken)).More)
            {
            }
        }
    }

    /// <summary>Each value of the target that is not what it must be, with its type and its way.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync(TableDefinition definition)
    {
        var expected = await TextsAsync(capture.Source, "public.every", (type, column) =>
            string.Format(CultureInfo.InvariantCulture, Losses.All.TryGetValue(type.Name, out var loss) ? loss.Arrives : "{0}", column));
        var arrived = await TextsAsync(analytics, definition.Target, (_, column) => column);
        Assert.Equal(expected.Keys.Order(), arrived.Keys.Order());
        return
        [
            .. from row in expected
               from type in Types.Index()
               let wanted = row.Value[type.Index]
               let found = arrived[row.Key][type.Index]
               where wanted != found
               select $"{definition.Target}, {type.Item.Name} by {Ways[row.Key / Way]}: "
                   + $"expected {Short(wanted)}, arrived {Short(found)} (id {row.Key}, seed {seed})",
        ];
    }

    /// <summary>Types of the columns in which validate finds a difference.</summary>
    public async Task<IEnumerable<string>> InvalidAsync(TableDefinition definition) =>
        (await new Validator(capture.Source.ConnectionString, analytics.ConnectionString).CompareAsync(
            definition, withValues: false, TestContext.Current.CancellationToken))
            .Result.DifferentColumns.Select(column => TypeOf(column));

    /// <summary>Types that PostgreSQL has and this table does not.</summary>
    public async Task<string?> UntriedAsync() => await capture.Source.ScalarAsync<string>(
        """
        SELECT string_agg(typname, ', ' ORDER BY typname) FROM pg_type t
        WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype IN ('b', 'r', 'm') AND typcategory <> 'A'
          AND oid NOT IN (SELECT atttypid FROM pg_attribute WHERE attrelid = 'public.every'::regclass AND attnum > 0)
        """);

    private static async Task<Dictionary<int, string?[]>> TextsAsync(
        TestDatabase database, string table, Func<SourceType, string, string> value)
    {
        await using var connection = await Database.OpenAsync(database.ConnectionString, "test", TestContext.Current.CancellationToken);
        var rows = connection.QueryAsync(
            $"SELECT id, {string.Join(", ", Types.Select((type, index) => $"({value(type, $"c{index}")})::text"))} FROM {table}",
            row => (
                Id: row.GetInt32(0),
                Values: Types.Select((_, index) => row.IsDBNull(index + 1) ? null : row.GetString(index + 1)).ToArray()),
            TestContext.Current.CancellationToken);
        return await rows.ToDictionaryAsync(row => row.Id, row => row.Values);
    }

    /// <summary>One row of NULLs, then edges, then random values with some NULLs among them.</summary>
    private string Values()
    {
        var columns = Types.Select((type, index) =>
            "CAST(CASE r WHEN 0 THEN NULL "
            + $"{string.Concat(type.Edges.Select((edge, row) => $"WHEN {row + 1} THEN CAST({edge} AS {type.Name}) "))}"
            + $"ELSE CASE WHEN random() > 0.05 THEN CAST({type.Random} AS {type.Name}) END END AS {type.Name}) AS c{index}");
        return string.Create(CultureInfo.InvariantCulture,
            $"SELECT setseed({seed / (double)int.MaxValue}); CREATE TABLE shown AS SELECT r, {string.Join(",\n", columns)} FROM "
            + $"generate_series(0, {Rows - 1}) r");
    }

    private static string TypeOf(string column) => Types[int.Parse(column[1..], CultureInfo.InvariantCulture)].Name;

    private static string Short(string? text) => text switch
    {
        null => "NULL",
        { Length: > 200 } => $"'{text[..200]}…' ({text.Length} characters)",
        _ => $"'{text}'",
    };

    public async ValueTask DisposeAsync()
    {
        await capture.DisposeAsync();
        await analytics.DisposeAsync();
    }
}
