using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Quarantine;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Ledger;

/// <summary>How a ledger gets to the newest version, from whatever version it has.</summary>
public sealed class LedgerMigrationTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly int Newest = LedgerMigration.All.Count;

    private static string BeforeVersions { get; } =
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Assets", "ledger-before-versions.sql"));

    [Fact]
    public void Steps_are_numbered_from_1_without_gaps() =>
        Assert.Equal(Enumerable.Range(1, Newest), LedgerMigration.All.Select(step => step.Version));

    [Fact]
    public async Task The_first_step_makes_the_ledger_of_the_time_before_versions()
    {
        await TakeAsync(LedgerMigration.All.Take(1));
        var made = (await LedgerForm.ReadAsync(Analytics)).Where(line => !line.Contains("schema_version", StringComparison.Ordinal));
        await using var old = await Servers.CreateDatabaseAsync();
        await old.ExecuteAsync(BeforeVersions);

        Assert.Equal(await LedgerForm.ReadAsync(old), made);
    }

    [Fact]
    public async Task A_ledger_of_the_time_before_versions_becomes_the_newest_and_keeps_its_rows()
    {
        await Analytics.ExecuteAsync(BeforeVersions);
        await using var made = await Servers.CreateDatabaseAsync();
        await EnsureAsync(made);
        var kept = (await LedgerForm.ColumnsAsync(Analytics)).Intersect(await LedgerForm.ColumnsAsync(made)).ToList();
        var rows = await LedgerForm.RowsAsync(Analytics, kept);

        await EnsureAsync(Analytics);

        Assert.Equal(rows, await LedgerForm.RowsAsync(Analytics, kept));
        Assert.Equal(await LedgerForm.ReadAsync(made), await LedgerForm.ReadAsync(Analytics));
        Assert.Equal(await VersionsAsync(made), await VersionsAsync(Analytics));
        var status = await new StatusJob(Analytics.ConnectionString).ReadAsync(CancellationToken.None);
        Assert.Equal(
            [("analytics.animals", TableState.Parked), ("analytics.people", TableState.Replicating)],
            status.Select(table => (table.Target, table.State)));
    }

    [Fact]
    public async Task A_merge_over_a_ledger_of_the_time_before_versions_goes_on()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        await Analytics.ExecuteAsync("DROP TABLE cdc.schema_version; DROP INDEX cdc.batches_by_time");
        await Lake.ChangeAsync(People, 'I', 2, 2, "bob");

        Assert.Equal(new RowCounts { Read = 1, Inserted = 1 }, await MergeAsync(People));

        Assert.Equal("1=ada 2=bob", await PeopleAsync());
        Assert.Equal(Newest, (await VersionsAsync(Analytics)).Count);
    }

    [Fact]
    public async Task Who_only_looks_leaves_an_older_ledger_as_it_is_and_says_what_to_do()
    {
        await Analytics.ExecuteAsync(BeforeVersions);
        var form = await LedgerForm.ReadAsync(Analytics);

        var fault = await LookingFaultAsync();

        Assert.Equal(ErrorKind.BadData, fault.Kind);
        Assert.Equal(
            $"The ledger (schema cdc) has version 0 and this program reads version {Newest}: "
            + "the next merge of this program's release brings the ledger to that version; run this again after it.",
            fault.Message);
        Assert.Equal(form, await LedgerForm.ReadAsync(Analytics));
    }

    [Fact]
    public async Task A_table_of_an_older_ledger_is_resumed()
    {
        await Analytics.ExecuteAsync(BeforeVersions);

        await new ResumeJob(Analytics.ConnectionString).RunAsync(
            new TableName("analytics", "animals"), Consent.None, CancellationToken.None);

        var animals = (await new StatusJob(Analytics.ConnectionString).ReadAsync(CancellationToken.None))[0];
        Assert.Equal(("analytics.animals", TableState.Loading), (animals.Target, animals.State));
        Assert.Equal(Newest, (await VersionsAsync(Analytics)).Count);
    }

    [Fact]
    public async Task Changes_of_an_older_ledger_are_dropped()
    {
        await Analytics.ExecuteAsync(BeforeVersions);

        await new QuarantineJob(Analytics.ConnectionString).DropAsync([1], CancellationToken.None);

        Assert.Equal(Newest, (await VersionsAsync(Analytics)).Count);
    }

    [Fact]
    public async Task A_ledger_whose_versions_were_not_restored_takes_its_steps_again()
    {
        await EnsureAsync(Analytics);
        await Analytics.ExecuteAsync("TRUNCATE cdc.schema_version");

        await EnsureAsync(Analytics);

        Assert.Equal(Newest, (await VersionsAsync(Analytics)).Count);
    }

    [Fact]
    public async Task Who_may_read_the_tables_of_an_older_ledger_reads_its_status_after_the_steps()
    {
        await Analytics.ExecuteAsync(BeforeVersions);
        var role = $"looker_{Guid.NewGuid():N}";
        await Analytics.ExecuteAsync(
            $"""
            CREATE ROLE {role} LOGIN PASSWORD 'looker';
            GRANT USAGE ON SCHEMA cdc TO {role};
            GRANT SELECT ON ALL TABLES IN SCHEMA cdc TO {role}
            """);
        try
        {
            await EnsureAsync(Analytics);

            var looker = new NpgsqlConnectionStringBuilder(Analytics.ConnectionString)
            {
                Username = role,
                Password = "looker",
                Pooling = false,
            };
            Assert.Equal("cdc.generations cdc.markers", await Analytics.ScalarAsync<string>(
                $"""
                SELECT string_agg(oid::regclass::text, ' ' ORDER BY relname) FROM pg_class
                WHERE oid IN ('cdc.markers'::regclass, 'cdc.generations'::regclass) AND has_table_privilege('{role}', oid, 'SELECT')
                    AND NOT has_table_privilege('{role}', oid, 'INSERT')
                """));
            Assert.NotEmpty(await new StatusJob(looker.ConnectionString).ReadAsync(CancellationToken.None));
        }
        finally
        {
            await Analytics.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task A_newer_ledger_is_refused_and_nothing_is_changed()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await EnsureAsync(Analytics);
        await Analytics.ExecuteAsync($"INSERT INTO cdc.schema_version VALUES ({Newest + 1}, 'from the future')");
        var form = await LedgerForm.ReadAsync(Analytics);

        var merged = await FaultAsync(People);
        var looked = await LookingFaultAsync();

        var sentence = $"The ledger (schema cdc) has version {Newest + 1} and this program knows versions up to {Newest}: "
            + "deploy the newer functions, and use the tools of their release.";
        Assert.Equal((ErrorKind.BadData, sentence), (merged.Kind, merged.Message));
        Assert.Equal((ErrorKind.BadData, sentence), (looked.Kind, looked.Message));
        Assert.Equal(form, await LedgerForm.ReadAsync(Analytics));
        Assert.False(await Analytics.ScalarAsync<bool>("SELECT to_regclass('analytics.people') IS NOT NULL"));
    }

    [Fact]
    public async Task A_ledger_whose_program_died_between_two_steps_is_brought_on()
    {
        await TakeAsync(LedgerMigration.All.Take(1));
        Assert.Equal([1], await VersionsAsync(Analytics));

        await EnsureAsync(Analytics);

        Assert.Equal(Enumerable.Range(1, Newest), await VersionsAsync(Analytics));
    }

    [Fact]
    public async Task A_step_that_fails_leaves_nothing_of_itself_and_is_taken_when_it_can_be()
    {
        var broken = new LedgerMigration(Newest + 1, "broken", "CREATE TABLE cdc.half (id integer); SELECT 1 / 0;");
        await Assert.ThrowsAsync<PostgresException>(() => TakeAsync([.. LedgerMigration.All, broken]));
        var form = await LedgerForm.ReadAsync(Analytics);

        await TakeAsync([broken with { Script = "CREATE TABLE cdc.whole (id integer);" }]);

        Assert.DoesNotContain(form, line => line.StartsWith("half", StringComparison.Ordinal));
        Assert.Contains(await LedgerForm.ReadAsync(Analytics), line => line.StartsWith("whole", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(1, Newest + 1), await VersionsAsync(Analytics));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sessions_that_come_at_once_take_each_step_once(bool fromBeforeVersions)
    {
        if (fromBeforeVersions)
            await Analytics.ExecuteAsync(BeforeVersions);
        await using var holder = await Analytics.OpenAsync();
        await using var holding = await holder.BeginTransactionAsync();
        await holder.ExecuteAsync($"SELECT pg_advisory_xact_lock({CreationLock.Number})", CancellationToken.None);

        var sessions = Enumerable.Range(0, 4).Select(_ => EnsureAsync(Analytics)).ToList();
        await WaitingAsync(sessions.Count);
        await holding.CommitAsync();

        await Task.WhenAll(sessions);
        Assert.Equal(Enumerable.Range(1, Newest), await VersionsAsync(Analytics));
    }

    [Fact]
    public async Task A_role_that_may_create_schemas_brings_its_own_ledger_on()
    {
        var role = $"loader_{Guid.NewGuid():N}";
        await Analytics.ExecuteAsync(
            $"CREATE ROLE {role} LOGIN PASSWORD 'p'; "
            + $"DO $$ BEGIN EXECUTE format('GRANT CONNECT, CREATE ON DATABASE %I TO {role}', current_database()); END $$");
        var connection = new NpgsqlConnectionStringBuilder(Analytics.ConnectionString) { Username = role, Password = "p", Pooling = false };
        await using (var loader = await Database.OpenAsync(connection.ConnectionString, "analytics", CancellationToken.None))
        {
            await loader.ExecuteAsync(BeforeVersions, CancellationToken.None);
            await LedgerSchema.EnsureAsync(loader, CancellationToken.None);
        }

        Assert.Equal(Enumerable.Range(1, Newest), await VersionsAsync(Analytics));
        await Analytics.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    private Task<CdcDmsException> LookingFaultAsync() =>
        Assert.ThrowsAsync<CdcDmsException>(() => new StatusJob(Analytics.ConnectionString).ReadAsync(CancellationToken.None));

    private static async Task EnsureAsync(TestDatabase database)
    {
        await using var connection = await database.OpenAsync();
        await LedgerSchema.EnsureAsync(connection, CancellationToken.None);
    }

    private static async Task<IReadOnlyList<int>> VersionsAsync(TestDatabase database) =>
        (await database.ScalarAsync<int[]>("SELECT array_agg(version ORDER BY version) FROM cdc.schema_version"))!;

    private async Task TakeAsync(IEnumerable<LedgerMigration> steps)
    {
        await using var connection = await Analytics.OpenAsync();
        await LedgerSchema.TakeAsync(connection, steps, CancellationToken.None);
    }

    private async Task WaitingAsync(int sessions)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        const string waiting = """
            SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
            WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted
            """;
        while (await Analytics.ScalarAsync<long>(waiting) < sessions)
            await Task.Delay(20, deadline.Token);
    }
}
