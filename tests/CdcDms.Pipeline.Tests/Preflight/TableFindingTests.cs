using CdcDms.Pipeline.Preflight;

namespace CdcDms.Pipeline.Tests.Preflight;

/// <summary>One database with every faulty table and its good twin: each fault is found at its table, and nothing else anywhere.</summary>
public sealed class TableFindingTests(FaultyTables faulty) : IClassFixture<FaultyTables>
{
    public static TheoryData<string> Names => [.. FaultyTables.All.Select(table => table.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_fault_is_found_where_it_is_and_nowhere_else(string name)
    {
        var table = FaultyTables.All.Single(one => one.Name == name);
        var found = faulty.Report.Findings.Where(finding => finding.Table == $"public.{name}").ToList();

        Assert.Equal(table.Expected, string.Join(", ", found.Select(finding => $"{finding.Check} {finding.Severity}".ToLowerInvariant())));
        Assert.All(found, finding =>
        {
            Assert.Matches(@"^[^\n]*[.]$", finding.Reason);
            Assert.True(finding.Sql.Count > 0 || finding.ByHand is not null, finding.Reason);
        });
    }

    [Fact]
    public void A_table_that_is_not_defined_is_nobody_s_finding() =>
        Assert.DoesNotContain(faulty.Report.Findings, finding => finding.Reason.Contains("bystander", StringComparison.Ordinal));
}

/// <summary>A table of <see cref="FaultyTables"/>.</summary>
/// <param name="Name">Its name in the schema public.</param>
/// <param name="Sql">Makes the table; <c>#</c> stands for the name.</param>
/// <param name="Expected">The checks and severities that are expected of the table.</param>
public sealed record FaultyTable(string Name, string Sql, string Expected = "")
{
    public IReadOnlyList<string>? Key { get; init; }

    public IReadOnlyList<string>? LeaveOut { get; init; }

    public IReadOnlyList<ColumnMapping>? Columns { get; init; }

    public LobUpdates LobUpdates { get; init; }

    public int? LobKilobytes { get; init; }
}

/// <summary>The database, and what preflight finds there.</summary>
public sealed class FaultyTables(TestServers servers) : IAsyncLifetime
{
    private const string Full = "ALTER TABLE # REPLICA IDENTITY FULL";
    private const string Long = "INSERT INTO # SELECT 1, string_agg(md5(n::text), '') FROM generate_series(1, 300) n";

    private TestDatabase _source = null!;

    /// <summary>The LOB limit is a kilobyte, that of a varchar without a length a megabyte.</summary>
    public static IReadOnlyList<FaultyTable> All { get; } =
    [
        new("good", "CREATE TABLE # (id int PRIMARY KEY, v varchar(20), n numeric(12,2), at timestamptz, u uuid, i inet, b bit(4))"),
        new("missing", "SELECT 1", "missing-table loses"),
        new("a_view", "CREATE VIEW # AS SELECT 1 AS id", "missing-table loses"),
        new("a_foreign", "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE # (id int) SERVER s",
            "missing-table loses"),
        new("unlogged", "CREATE UNLOGGED TABLE # (id int PRIMARY KEY)", "unlogged loses"),
        new("of_extension", "CREATE EXTENSION citext; CREATE TABLE # (id int PRIMARY KEY); ALTER EXTENSION citext ADD TABLE #",
            "extension warns"),

        new("keyless", "CREATE TABLE # (id int)", "primary-key loses"),
        new("keyed_by_definition", "CREATE TABLE # (id int NOT NULL)", "primary-key loses") { Key = ["id"] },
        new("deferrable", "CREATE TABLE # (id int PRIMARY KEY DEFERRABLE)", "deferrable-key loses"),
        new("text_key", "CREATE TABLE # (id text PRIMARY KEY)", "large-key loses"),
        new("array_key", "CREATE TABLE # (id int[] PRIMARY KEY)", "large-key loses"),
        new("varchar_key", "CREATE TABLE # (id varchar PRIMARY KEY)"),
        new("computed_key", "CREATE TABLE # (a int, b int GENERATED ALWAYS AS (a * 2) STORED, PRIMARY KEY (a, b))", "generated-key loses"),
        new("silent", "CREATE TABLE # (id int PRIMARY KEY); ALTER TABLE # REPLICA IDENTITY NOTHING", "logged-key loses"),
        new("other_key", "CREATE TABLE # (id int PRIMARY KEY, code int NOT NULL UNIQUE)",
            "logged-key loses, definition-key warns") { Key = ["code"] },
        new("named_key", "CREATE TABLE # (id int PRIMARY KEY, code int NOT NULL); CREATE UNIQUE INDEX named ON # (code); "
            + "ALTER TABLE # REPLICA IDENTITY USING INDEX named", "definition-key warns") { Key = ["code"] },
        new("wider_key", $"CREATE TABLE # (id int PRIMARY KEY, code int NOT NULL); {Full}", "definition-key warns")
        {
            Key = ["id", "code"],
        },
        new("part_of_key", "CREATE TABLE # (id int, code int, PRIMARY KEY (id, code))") { Key = ["id"] },

        new("short_text", "CREATE TABLE # (id int PRIMARY KEY, v text)", "replica-identity warns"),
        new("long_text", $"CREATE TABLE # (id int PRIMARY KEY, v text); {Long}", "replica-identity loses, large-values blocks"),
        new("full", $"CREATE TABLE # (id int PRIMARY KEY, v text); {Full}"),
        new("kept_on_null", "CREATE TABLE # (id int PRIMARY KEY, v text)") { LobUpdates = LobUpdates.KeepOnNull },
        new("left_out", "CREATE TABLE # (id int PRIMARY KEY, v text)") { LeaveOut = ["v"] },
        new("misspelt", "CREATE TABLE # (id int PRIMARY KEY, secret int)", "listed-columns warns") { LeaveOut = ["secrte"] },

        new("root", "CREATE TABLE # (id int PRIMARY KEY, v text) PARTITION BY RANGE (id); ALTER TABLE # REPLICA IDENTITY FULL; "
            + "CREATE TABLE leaf PARTITION OF # FOR VALUES FROM (0) TO (10)", "partitioned loses, replica-identity warns"),
        new("leaf", "SELECT 1", "partitioned loses, replica-identity warns"),
        new("unlogged_leaf", "CREATE TABLE # (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE UNLOGGED TABLE u PARTITION OF # DEFAULT",
            "unlogged loses, partitioned loses"),
        new("parent", "CREATE TABLE # (id int PRIMARY KEY); CREATE TABLE child (PRIMARY KEY (id)) INHERITS (#)", "inheritance loses"),
        new("child", "SELECT 1"),

        new("free_numeric", "CREATE TABLE # (id int PRIMARY KEY, n numeric); INSERT INTO # VALUES (1, 1.5000000000)",
            "numeric-scale warns"),
        new("long_numeric", "CREATE TABLE # (id int PRIMARY KEY, n numeric); INSERT INTO # VALUES (1, 0.1234567)", "numeric-scale loses"),
        new("large_numeric", "CREATE TABLE # (id int PRIMARY KEY, n numeric); INSERT INTO # VALUES (1, -1e22)", "numeric-scale loses"),
        new("no_number", "CREATE TABLE # (id int PRIMARY KEY, n numeric); INSERT INTO # VALUES (1, 'NaN')", "numeric-scale loses"),

        new("fitting_text", $"CREATE TABLE # (id int PRIMARY KEY, v text); {Full}; INSERT INTO # VALUES (1, repeat('x', 512))"),
        new("wide_text", $"CREATE TABLE # (id int PRIMARY KEY, v text); {Full}; INSERT INTO # VALUES (1, repeat('x', 513))",
            "large-values blocks"),
        new("few_letters", $"CREATE TABLE # (id int PRIMARY KEY, v text); {Full}; INSERT INTO # VALUES (1, repeat('€', 512))"),
        new("wide_json", $"CREATE TABLE # (id int PRIMARY KEY, v jsonb); {Full}; INSERT INTO # SELECT 1, to_jsonb(array_agg(n)) "
            + "FROM generate_series(1, 300) n", "large-values blocks"),
        new("fitting_bytes", $"CREATE TABLE # (id int PRIMARY KEY, v bytea); {Full}; INSERT INTO # VALUES (1, repeat('x', 1024)::bytea)"),
        new("wide_bytes", $"CREATE TABLE # (id int PRIMARY KEY, v bytea); {Full}; INSERT INTO # VALUES (1, repeat('x', 1025)::bytea)",
            "large-values blocks"),
        new("fitting_varchar", $"CREATE TABLE # (id int PRIMARY KEY, v varchar); {Full}; INSERT INTO # VALUES (1, repeat('x', 1048576))"),
        new("wide_varchar", $"CREATE TABLE # (id int PRIMARY KEY, v varchar); {Full}; INSERT INTO # VALUES (1, repeat('x', 1048577))",
            "large-values loses"),
        new("size_of_its_own", $"CREATE TABLE # (id int PRIMARY KEY, v text); {Full}; INSERT INTO # VALUES (1, repeat('x', 1024))")
        {
            LobKilobytes = 2,
        },
        new("wide_domain", $"CREATE DOMAIN note AS text; CREATE TABLE # (id int PRIMARY KEY, v note); {Full}; "
            + "INSERT INTO # VALUES (1, repeat('x', 513))", "large-values blocks"),
        new("large_object", "CREATE TABLE # (id int PRIMARY KEY, v oid)", "large-objects warns"),

        new("a%", "CREATE TABLE # (id int PRIMARY KEY)", "table-name loses"),
        new("a_b", "CREATE TABLE # (id int PRIMARY KEY)"),
        new("Twin", "CREATE TABLE # (id int PRIMARY KEY)", "table-name loses"),
        new("twin", "CREATE TABLE # (id int PRIMARY KEY)", "table-name loses"),
        new("renamed", "CREATE TABLE # (id int PRIMARY KEY, new int)", "listed-columns loses")
        {
            Columns = [new() { From = "id", To = "id" }, new() { From = "old", To = "old" }],
        },
        new("lost_key", "CREATE TABLE # (id int PRIMARY KEY)", "listed-columns blocks, logged-key loses") { Key = ["code"] },
        new("cases", "CREATE TABLE # (id int PRIMARY KEY, \"Id\" int)", "column-names loses"),
        new("reserved", "CREATE TABLE # (id int PRIMARY KEY, op int)", "column-names loses"),
    ];

    public PreflightReport Report { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _source = await servers.CreateDatabaseAsync();
        await _source.ExecuteAsync("CREATE TABLE bystander (v text)");
        foreach (var table in All)
            await _source.ExecuteAsync(table.Sql.Replace("#", $"\"{table.Name}\"", StringComparison.Ordinal));
        List<TableDefinition> definitions =
        [
            .. All.Select(table => new TableDefinition
            {
                Schema = "public",
                Name = table.Name,
                Target = $"analytics.\"{table.Name}\"",
                Key = table.Key,
                LeaveOut = table.LeaveOut,
                Columns = table.Columns,
                LobUpdates = table.LobUpdates,
                LobKilobytes = table.LobKilobytes,
            }),
        ];
        Report = await new PreflightJob(_source.ConnectionString, null, new PreflightSettings { LobKilobytes = 1 })
            .RunAsync(new TableList(definitions, []), CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
