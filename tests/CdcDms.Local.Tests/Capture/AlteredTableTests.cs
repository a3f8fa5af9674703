using CdcDms.Local.Capture;
using CdcDms.Local.Tests.Commands;
using CdcDms.Pipeline.Postgres;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Capture;

/// <summary>What happens to a table without sending a row is noticed, told and kept, and stops no other table.</summary>
public sealed class AlteredTableTests(TestServers servers)
{
    private const string Schema =
        """
        CREATE TABLE good (id int PRIMARY KEY, n varchar(10), plain int);
        CREATE TABLE vacuumed (id int PRIMARY KEY);
        CREATE TABLE dropped (id int PRIMARY KEY);
        CREATE TABLE recreated (id int PRIMARY KEY);
        CREATE TABLE renamed (id int PRIMARY KEY);
        CREATE TABLE one (id int PRIMARY KEY);
        CREATE TABLE other (id int PRIMARY KEY);
        CREATE TABLE unpublished (id int PRIMARY KEY);
        CREATE TABLE rekeyed (id int PRIMARY KEY, code int NOT NULL);
        CREATE TABLE truncated (id int PRIMARY KEY);
        CREATE TABLE retyped (id int PRIMARY KEY, n int);
        CREATE TABLE readded (id int PRIMARY KEY, c text);
        CREATE TABLE unfull (id int PRIMARY KEY, c text);
        ALTER TABLE unfull REPLICA IDENTITY FULL;
        CREATE TABLE parts (id int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
        CREATE TABLE p_detached PARTITION OF parts FOR VALUES FROM (0) TO (10);
        CREATE TABLE p_dropped PARTITION OF parts FOR VALUES FROM (10) TO (20);
        CREATE TABLE p_truncated PARTITION OF parts FOR VALUES FROM (20) TO (30);
        CREATE TABLE p_back PARTITION OF parts FOR VALUES FROM (30) TO (40);
        CREATE TABLE grown (id int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
        CREATE TABLE g_first PARTITION OF grown FOR VALUES FROM (0) TO (10);
        CREATE TABLE brief (id int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
        CREATE TABLE emptied (id int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
        CREATE TABLE adopting (id int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
        CREATE TABLE adopted (id int PRIMARY KEY);
        CREATE TABLE silent (id int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
        CREATE TABLE s_first PARTITION OF silent FOR VALUES FROM (0) TO (10);
        CREATE TABLE widened (id int PRIMARY KEY, code int NOT NULL);
        CREATE TABLE filtered (id int PRIMARY KEY);
        CREATE TYPE mood AS ENUM ('sad', 'happy');
        CREATE TABLE moods (id int PRIMARY KEY, list mood[]);
        CREATE TYPE pair AS (a int, b int);
        CREATE TABLE pairs (id int PRIMARY KEY, p pair[]);
        CREATE TABLE computed (id int PRIMARY KEY, n int);
        INSERT INTO computed VALUES (1, 1);
        INSERT INTO adopted VALUES (1);
        INSERT INTO parts VALUES (1), (11), (21), (31);
        INSERT INTO retyped VALUES (1, 1), (2, 2);
        INSERT INTO good VALUES (1, 'a', 1);
        """;

    private const string Alterations =
        """
        DROP TABLE dropped;
        DROP TABLE recreated; CREATE TABLE recreated (id int PRIMARY KEY); INSERT INTO recreated VALUES (1);
        ALTER TABLE renamed RENAME TO renamed_old;
        BEGIN; ALTER TABLE one RENAME TO spare; ALTER TABLE other RENAME TO one; ALTER TABLE spare RENAME TO other; COMMIT;
        BEGIN; ALTER TABLE rekeyed DROP CONSTRAINT rekeyed_pkey; ALTER TABLE rekeyed ADD PRIMARY KEY (code); COMMIT;
        BEGIN; ALTER TABLE widened DROP CONSTRAINT widened_pkey; ALTER TABLE widened ADD PRIMARY KEY (id, code); COMMIT;
        TRUNCATE truncated;
        ALTER TABLE retyped ALTER n TYPE bigint USING n * 100;
        ALTER TABLE readded DROP c; ALTER TABLE readded ADD c text;
        ALTER TABLE unfull REPLICA IDENTITY DEFAULT;
        ALTER TABLE parts DETACH PARTITION p_detached;
        DROP TABLE p_dropped;
        TRUNCATE p_truncated;
        BEGIN; ALTER TABLE parts DETACH PARTITION p_back; UPDATE p_back SET id = 32;
        ALTER TABLE parts ATTACH PARTITION p_back FOR VALUES FROM (30) TO (40); COMMIT;
        BEGIN; CREATE TABLE p_new (LIKE parts INCLUDING ALL); INSERT INTO p_new VALUES (41);
        ALTER TABLE parts ATTACH PARTITION p_new FOR VALUES FROM (40) TO (50); COMMIT;
        CREATE TABLE g_second PARTITION OF grown FOR VALUES FROM (10) TO (20); INSERT INTO grown VALUES (11);
        BEGIN; CREATE TABLE g_third (LIKE grown INCLUDING ALL);
        ALTER TABLE grown ATTACH PARTITION g_third FOR VALUES FROM (20) TO (30); COMMIT;
        CREATE TABLE b_brief PARTITION OF brief FOR VALUES FROM (0) TO (10); INSERT INTO brief VALUES (1); DROP TABLE b_brief;
        CREATE TABLE e_new PARTITION OF emptied FOR VALUES FROM (0) TO (10); INSERT INTO emptied VALUES (1); TRUNCATE e_new;
        ALTER TABLE adopting ATTACH PARTITION adopted FOR VALUES FROM (0) TO (10);
        ALTER TABLE s_first SET UNLOGGED;
        ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'; ALTER TYPE mood ADD VALUE 'calm';
        ALTER TYPE pair ADD ATTRIBUTE c int;
        ALTER TABLE computed ALTER n TYPE int USING n * 100;
        ALTER TABLE good ALTER n TYPE varchar(20), ADD fresh int DEFAULT 7; VACUUM FULL vacuumed; ALTER TABLE good RENAME plain TO plainer;
        """;

    private static readonly string[] Expected =
    [
        "adopted GivenUp: the table is a partition of public.adopting, which the publication has too, and its changes are sent as that "
            + "table's",
        "adopting Unproven: a partition was attached, and the rows that it had before were not sent",
        "brief Unproven: a partition was detached or dropped, and the lake keeps its rows",
        "computed Unproven: column n was altered and rows were rewritten, and no row was sent: where ALTER COLUMN … TYPE had USING, the "
            + "lake has the old values",
        "dropped GivenUp: the table was dropped at the source",
        "emptied Unproven: a partition was truncated, which sends nothing, or rewritten, as by VACUUM FULL",
        "filtered GivenUp: the table is no longer in the publication of the capture, or not with all its changes",
        "good Unproven: column plain was renamed to plainer, and no row was sent: the lake has the old name in rows that did not change "
            + "since",
        "moods Unproven: value sad of type mood was renamed, and no row was sent: the lake has the old value in rows that did not change "
            + "since",
        "one GivenUp: the table was renamed to public.other at the source",
        "other GivenUp: the table was renamed to public.one at the source",
        "pairs Unproven: type pair got or lost attributes, which changes the text of its values, and no row was sent",
        "parts Unproven: a partition was attached, and the rows that it had before were not sent",
        "parts Unproven: a partition was detached for a time, and changes made to it meanwhile were not sent",
        "parts Unproven: a partition was detached or dropped, and the lake keeps its rows",
        "parts Unproven: a partition was truncated, which sends nothing, or rewritten, as by VACUUM FULL",
        "readded Unproven: column c is another one than before (dropped and added again, or renamed), and no row was sent",
        "recreated GivenUp: the table was dropped at the source",
        "rekeyed GivenUp: its key was changed from (id) to (code) at the source",
        "renamed GivenUp: the table was renamed to public.renamed_old at the source",
        "retyped Unproven: column n became bigint, which rewrote its values and sent no row: where the statement had USING, or the cast "
            + "changed a value, the lake has the old ones",
        "silent Unproven: The partitions public.s_first of table public.silent are foreign or unlogged, so their changes are not in the "
            + "WAL; detach them, or make them ordinary tables",
        "silent Unproven: a partition was truncated, which sends nothing, or rewritten, as by VACUUM FULL",
        "truncated Unproven: the table was truncated at the source, which DMS does not capture, and the lake keeps its rows",
        "unfull Unproven: REPLICA IDENTITY FULL was taken from the table, so large values that an update leaves alone are sent no more",
        "unpublished GivenUp: the table is no longer in the publication of the capture, or not with all its changes",
        "widened GivenUp: no index at the source holds its key (id) unique any more, so two rows may have one key",
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_sends_no_rows_is_noticed_at_the_next_flush_or_start_and_told_at_each_start(bool running)
    {
        string[] tables =
        [
            "good", "vacuumed", "dropped", "recreated", "renamed", "one", "other", "unpublished", "rekeyed", "truncated", "retyped",
            "readded", "unfull", "parts", "grown", "brief", "emptied", "adopting", "adopted", "silent", "filtered", "moods", "computed",
            "pairs",
        ];
        await using var test = await CaptureTest.StartAsync(servers, Schema, [.. tables.Select(table => $"public.{table}")]);
        // As describe writes it.
        var widened = CaptureTest.Define("public.widened") with { Key = ["id"] };
        test.Options = test.Options with { Tables = [.. test.Options.Tables, widened] };
        await test.RunAsync();
        var told = new List<string>();
        var phases = new List<CapturePhase>();
        test.Options = test.Options with
        {
            IntervalSeconds = 0,
            Progress = new Hears(step =>
            {
                lock (told)
                {
                    told.AddRange(step.Warning is { } warning ? [warning] : []);
                    phases.Add(step.Phase);
                }
            }),
        };
        using var cancel = new CancellationTokenSource();
        var capturing = running ? CaptureJob.RunAsync(test.Options with { UntilIdle = null }, cancel.Token) : null;
        if (running)
            await test.WaitAsync("SELECT count(*) = 1 FROM pg_replication_slots WHERE database = current_database() AND active");

        await test.ExecuteEachAsync(Alterations);
        var publication = await test.PublicationAsync();
        await test.Source.ExecuteAsync(
            $"ALTER PUBLICATION {publication} DROP TABLE unpublished, filtered; ALTER PUBLICATION {publication} ADD TABLE filtered WHERE "
            + "(id > 5); INSERT INTO good VALUES (2, 'b', 2)");
        if (running)
            await CommandLine.WaitUntilAsync(async () => capturing!.IsCompleted || (await test.MarksAsync()).Count == Expected.Length);
        await cancel.CancelAsync();
        var totals = running ? await capturing! : await test.RunAsync();

        Assert.Equal(Expected, await test.MarksAsync());
        Assert.Equal(10, totals.TablesRefused);
        lock (told)
        {
            // One for each mark; partitions that are dropped, detached or only in the stream may come at several flushes.
            Assert.InRange(told.Count, Expected.Length, Expected.Length + 2);
            Assert.Contains(told, warning => warning.Contains("public.p_truncated", StringComparison.Ordinal));
            told.Clear();
            phases.Clear();
        }

        // From then on no word about what is known, and the others go on.
        totals = await test.RunAsync(
            "INSERT INTO good VALUES (3, 'c', 3)", "INSERT INTO parts VALUES (22)", "INSERT INTO renamed_old VALUES (1)");
        Assert.Equal(10, totals.TablesRefused);
        // The stream may come only now to the partition that was made and dropped.
        Assert.InRange(told.Count, Expected.Length, Expected.Length + 1);
        Assert.All(phases, phase => Assert.Equal(CapturePhase.Stream, phase));
        Assert.Contains(told, warning =>
            warning.StartsWith("public.dropped is captured no more since 20", StringComparison.Ordinal));
        Assert.Equal(["1", "2", "3"], await test.ReadAsync("public.good", "SELECT DISTINCT id FROM {0} ORDER BY id"));
    }

    [Fact]
    public async Task A_table_that_went_where_the_role_may_not_look_is_given_up_and_stops_no_other()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE good (id int PRIMARY KEY)", "public.t", "public.good");
        var role = $"r{Guid.NewGuid():N}";
        await test.Source.ExecuteAsync(
            $"CREATE ROLE {role} LOGIN REPLICATION PASSWORD 'p'; ALTER TABLE t OWNER TO {role}; ALTER TABLE good OWNER TO {role}; DO $$ "
            + $"BEGIN EXECUTE 'GRANT CREATE ON DATABASE ' || current_database() || ' TO {role}'; END $$");
        var asRole = new Npgsql.NpgsqlConnectionStringBuilder(test.Options.SourceConnection) { Username = role, Password = "p" };
        test.Options = test.Options with { SourceConnection = asRole.ConnectionString };
        await test.RunAsync();

        var totals = await test.RunAsync("CREATE SCHEMA archive; ALTER TABLE t SET SCHEMA archive", "INSERT INTO good VALUES (1)");

        Assert.Equal((1, 1), (totals.ChangesCaptured, totals.TablesRefused));
        Assert.Equal(["t GivenUp: the table was renamed to archive.t at the source"], await test.MarksAsync());
    }

    [Theory]
    [InlineData("ALTER TABLE t REPLICA IDENTITY NOTHING")]
    [InlineData("ALTER TABLE t DROP CONSTRAINT t_pkey")]
    public async Task A_table_whose_key_is_logged_no_more_is_given_up_and_the_application_writes_it_again(string alteration)
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a'); CREATE TABLE good (id int PRIMARY KEY)",
            "public.t",
            "public.good");
        // As describe writes it.
        test.Options = test.Options with { Tables = [.. test.Options.Tables.Select(table => table with { Key = ["id"] })] };
        await test.RunAsync();

        var totals = await test.RunAsync(alteration, "INSERT INTO good VALUES (1)");

        Assert.Equal((1, 1), (totals.ChangesCaptured, totals.TablesRefused));
        Assert.StartsWith(
            "t GivenUp: The source does not log the key (id)", Assert.Single(await test.MarksAsync()), StringComparison.Ordinal);
        await test.Source.ExecuteAsync("UPDATE t SET v = 'b'");
    }

    [Fact]
    public async Task A_new_partition_that_somebody_has_locked_stops_nothing_and_is_looked_at_later()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id)", "public.t");
        await test.RunAsync();
        await test.Source.ExecuteAsync(
            "CREATE TABLE p (LIKE t INCLUDING ALL); INSERT INTO p VALUES (1); ALTER TABLE t ATTACH PARTITION p DEFAULT");
        await using (var other = await test.Source.OpenAsync())
        {
            await other.ExecuteAsync("BEGIN; LOCK p", TestContext.Current.CancellationToken);
            await test.RunAsync().WaitAsync(TimeSpan.FromMinutes(1));
            Assert.Empty(await test.MarksAsync());
            await other.ExecuteAsync("ROLLBACK", TestContext.Current.CancellationToken);
        }

        await test.RunAsync();

        Assert.StartsWith("t Unproven: a partition was attached", Assert.Single(await test.MarksAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transaction_that_others_do_not_see_yet_is_told_from_one_that_has_ended()
    {
        await using var database = await servers.CreateDatabaseAsync();
        await using var watching = await database.OpenAsync();
        await using var running = await database.OpenAsync();
        await running.ExecuteAsync("BEGIN", TestContext.Current.CancellationToken);
        var transaction = (uint)await running.ScalarAsync<long>("SELECT txid_current()", TestContext.Current.CancellationToken);

        Assert.Equal([transaction], await AmongAsync());
        await running.ExecuteAsync("COMMIT", TestContext.Current.CancellationToken);
        Assert.Empty(await AmongAsync());

        Task<IReadOnlySet<uint>> AmongAsync() =>
            RunningTransactions.AmongAsync(watching, [transaction, 3], TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_table_whose_name_was_another_one_s_for_a_time_is_known_by_its_OID()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        await test.RunAsync();

        await test.RunAsync("ALTER TABLE t RENAME TO v", "INSERT INTO v VALUES (1)", "ALTER TABLE v RENAME TO t");

        Assert.Equal(["I|1"], await test.ReadAsync("public.t", "SELECT Op, id FROM {0}"));
        Assert.Empty(await test.MarksAsync());
    }
}
