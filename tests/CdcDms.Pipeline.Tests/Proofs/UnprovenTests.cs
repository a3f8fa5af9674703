using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Proofs;
using CdcDms.Pipeline.Quarantine;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>What leaves a table unproven, and that only a proof of all its rows ends it, which began later.</summary>
public sealed class UnprovenTests(TestServers servers) : UnprovenFixture(servers)
{
    private static readonly TableDefinition Adding = People with { NewColumns = NewColumnPolicy.Add };

    [Fact]
    public async Task A_table_is_unproven_from_its_first_load_until_all_its_rows_are_compared()
    {
        await ProvenAsync(People);

        var status = await StatusAsync();
        Assert.Empty(status.Unproven);
        Assert.InRange(status.ProvenUtc!.Value, DateTime.UtcNow.AddMinutes(-5), DateTime.UtcNow.AddMinutes(5));
        await ChangesAsync(People, "('U', 5, 1, 'ADA')");
        await MergeAsync(People);
        Assert.Empty((await StatusAsync()).Unproven);
    }

    [Fact]
    public async Task A_load_that_comes_again_leaves_the_table_unproven_until_a_proof_has_repaired_it()
    {
        await ProvenAsync(People);
        await Source.ExecuteAsync("UPDATE people SET name = 'ADA'; DELETE FROM people WHERE id = 2; INSERT INTO people VALUES (3, 'cyd')");
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ADA'), (3, 'cyd')) t(id, name)");
        await MergeAsync(People);
        Assert.Equal(("1=ada 2=bob 3=cyd", "Loaded 1"), (await PeopleAsync(), await CausesAsync()));

        await Proofs.AskAllAsync(People, repair: null, CancellationToken.None);
        await JudgedAsync(People);
        Assert.Equal("Loaded 1", await CausesAsync());
        await Proofs.AskAllAsync(People, new ProofRepair(), CancellationToken.None);
        Assert.Equal("Loaded 1", await CausesAsync());
        await JudgedAsync(People);

        Assert.Equal(("1=ADA 3=cyd", ""), (await PeopleAsync(), await CausesAsync()));
    }

    [Fact]
    public async Task Rows_of_a_load_that_comes_when_deletes_are_forgotten_are_left_to_the_proof_however_many_they_are()
    {
        await ProvenAsync(People);
        await Analytics.ExecuteAsync("UPDATE cdc.tables SET purge_floor = 1e35 + 1 WHERE target_name = 'people'");
        await Source.ExecuteAsync("UPDATE people SET name = 'ADA' WHERE id = 1; INSERT INTO people SELECT 3, 'new'");
        await Lake.LoadAsync(
            People, 2,
            "SELECT 1 AS id, 'ADA' AS name UNION ALL SELECT 3, 'new' "
            + "UNION ALL SELECT id::INTEGER, 'deleted since' FROM range(10, 1110) t(id)");

        Assert.Equal(new RowCounts { Read = 1102, Stale = 1101, Unchanged = 1 }, await MergeAsync(People));
        Assert.Equal(("1=ada 2=bob", "Loaded 1"), (await PeopleAsync(), await CausesAsync()));

        await Proofs.AskAllAsync(People, new ProofRepair(), CancellationToken.None);
        await JudgedAsync(People);
        Assert.Equal(("1=ADA 2=bob 3=new", ""), (await PeopleAsync(), await CausesAsync()));
    }

    [Theory]
    [InlineData("resume", "Resumed")]
    [InlineData("add", "ColumnAdded extra")]
    [InlineData("widen", "ColumnWidened id")]
    [InlineData("drop", "ChangeDropped")]
    [InlineData("generation", "GenerationBegan 2")]
    public async Task Whatever_may_leave_rows_wrong_makes_a_table_unproven(string what, string cause)
    {
        await TargetAsync("id integer PRIMARY KEY, name text CHECK (name <> 'bad')");
        var table = Adding with { Columns = null, Key = null };
        await ProvenAsync(table);

        switch (what)
        {
            case "resume":
                await new ResumeJob(Analytics.ConnectionString).RunAsync(
                    People.TargetName, new Consent { ToTypes = true }, CancellationToken.None);
                break;
            case "add":
                await Lake.CdcAsync(table, "SELECT 'U' AS op, 5 AS v, 1 AS id, 'ada' AS name, 7 AS extra");
                break;
            case "widen":
                await Lake.CdcAsync(table, "SELECT 'U' AS op, 5 AS v, 1::BIGINT AS id, 'ada' AS name");
                break;
            case "drop":
                await ChangesAsync(table, "('U', 5, 1, 'bad')");
                await MergeAsync(table);
                Assert.Equal("", await CausesAsync());
                var change = Assert.Single(await QuarantineAsync());
                Assert.Equal(
                    1, await new QuarantineJob(Analytics.ConnectionString).DropAsync([change.Id], CancellationToken.None));
                break;
            default:
                // A table that the full load of a new generation found empty has no file of it: only markers tell that it has begun.
                Lake.Generation = 2;
                await Lake.CdcAsync(MarkerTable.Definition, Marker);
                await new MarkerJob(Lake.Reader, Analytics.ConnectionString).MergeAsync(CancellationToken.None);
                break;
        }

        await MergeAsync(table);
        Assert.Equal(cause, await CausesAsync());
    }

    [Fact]
    public async Task What_happens_after_the_comparison_had_begun_stays_unproven()
    {
        await ProvenAsync(People);
        await Lake.LoadAsync(People, 2, "SELECT 3 AS id, 'gone' AS name");
        await MergeAsync(People);
        await Proofs.AskAllAsync(People, new ProofRepair(), CancellationToken.None);
        await new ResumeJob(Analytics.ConnectionString).RunAsync(
            People.TargetName, new Consent { ToTypes = true }, CancellationToken.None);

        await JudgedAsync(People);

        Assert.Equal(("1=ada 2=bob", "Resumed"), (await PeopleAsync(), await CausesAsync()));
    }

    [Fact]
    public async Task A_load_that_goes_on_while_a_proof_waits_stays_unproven()
    {
        await ProvenAsync(People);
        await Lake.LoadAsync(People, 2, "SELECT 3 AS id, 'gone' AS name");
        await MergeAsync(People);
        await Proofs.AskAllAsync(People, new ProofRepair(), CancellationToken.None);
        await Lake.LoadAsync(People, 3, "SELECT 4 AS id, 'gone too' AS name");
        await MergeAsync(People);

        await JudgedAsync(People);

        // Nobody knows of a row from a load whether it was there when the proof was read.
        Assert.Equal(("1=ada 2=bob 3=gone 4=gone too", "Loaded 1"), (await PeopleAsync(), await CausesAsync()));
        await AskAllAsync(People);
        await JudgedAsync(People);
        Assert.Equal(("1=ada 2=bob", ""), (await PeopleAsync(), await CausesAsync()));
    }

    [Theory]
    [InlineData("SELECT 1", false)]
    [InlineData("INSERT INTO people VALUES (7, 'as it was read')", false)]
    [InlineData("INSERT INTO people VALUES (7, 'as it was read')", true)]
    public async Task A_row_that_a_load_brought_after_a_proof_was_read_is_no_difference(string before, bool comparedMeanwhile)
    {
        await ProvenAsync(People);
        await Source.ExecuteAsync(before);
        var marker = await AskAsync(People, repairs: true, 7);
        await Source.ExecuteAsync("DELETE FROM people WHERE id = 7; INSERT INTO people VALUES (7, 'written while no task read the table')");
        await Lake.LoadAsync(People, 2, "SELECT 7 AS id, 'written while no task read the table' AS name");
        await MergeAsync(People);
        if (comparedMeanwhile)
            await AskAllAsync(People);
        Assert.Equal(comparedMeanwhile ? "" : "Loaded 1", await CausesAsync());

        await MarkersAsync(marker, 100, 200);
        await MergeAsync(People);

        Assert.Equal("Proven 1 0 0", await OutcomeAsync(marker));
        Assert.Equal("1=ada 2=bob 7=written while no task read the table", await PeopleAsync());
    }

    // More than 10,000 keys have several proofs; so many rows would only make the test slow.
    [Theory]
    [InlineData(null)]
    [InlineData("now()")]
    [InlineData("now() - interval '25 hours'")]
    public async Task A_table_is_unproven_until_each_of_the_proofs_that_were_asked_for_together_has_found_its_rows_right(string? other)
    {
        await ProvenAsync(People);
        await Lake.LoadAsync(People, 2, "SELECT 3 AS id, 'gone' AS name");
        await MergeAsync(People);
        await Proofs.AskAllAsync(People, new ProofRepair(), CancellationToken.None);
        await Analytics.ExecuteAsync("UPDATE cdc.proofs SET together = 2");
        if (other is not null)
            await Analytics.ExecuteAsync(
                $"""
                INSERT INTO cdc.proofs (
                    table_id, asked_at, of_proof, marker, marker_id, marker_after, marker_after_id, read_at, columns, keys, repairs,
                    most_removed, together, whole_since)
                SELECT table_id, {other}, of_proof, marker + 1000, gen_random_uuid(), marker_after + 1000, gen_random_uuid(), read_at,
                    columns, 0, repairs, most_removed, together, whole_since
                FROM cdc.proofs
                """);

        await MarkersAsync(await Analytics.ScalarAsync<long>("SELECT min(marker) FROM cdc.proofs"), 300, 400);
        await MergeAsync(People);

        await AssertAnswerAsync("Different", "SELECT outcome FROM cdc.proofs ORDER BY id LIMIT 1");
        Assert.Equal(("1=ada 2=bob", "Loaded 1"), (await PeopleAsync(), await CausesAsync()));
    }

    [Fact]
    public async Task Of_a_comparison_that_was_cut_the_table_stays_unproven()
    {
        await ProvenAsync(People);
        await Lake.LoadAsync(People, 2, "SELECT * FROM (VALUES (3, 'gone'), (4, 'gone')) t(id, name)");
        await MergeAsync(People);
        var cut = new ProofJob(Source.ConnectionString, Analytics.ConnectionString, intervalSeconds: 60, settleSeconds: 0)
        {
            Limits = new ScanLimits { ExaminedRows = 1 },
        };

        Assert.Equal(1, (await cut.AskAllAsync(People, new ProofRepair(), CancellationToken.None)).Keys);
        await JudgedAsync(People);

        await AssertAnswerAsync<long>(3, "SELECT count(*) FROM analytics.people");
        Assert.Equal("Loaded 1", await CausesAsync());
    }

    [Fact]
    public async Task Rows_that_were_not_removed_because_they_are_too_many_leave_the_table_unproven()
    {
        await ProvenAsync(People);
        await Lake.LoadAsync(People, 2, "SELECT 3 AS id, 'gone' AS name");
        await MergeAsync(People);
        await Proofs.AskAllAsync(People, new ProofRepair(MostRemoved: 0), CancellationToken.None);

        await JudgedAsync(People);

        Assert.Equal(("1=ada 2=bob 3=gone", "Loaded 1"), (await PeopleAsync(), await CausesAsync()));
    }

    [Theory]
    [InlineData(LobUpdates.Trust, "")]
    [InlineData(LobUpdates.KeepOnNull, "Loaded 1")]
    public async Task A_row_that_changed_meanwhile_is_whole_unless_it_keeps_older_values(LobUpdates lobs, string causes)
    {
        var table = People with { LobUpdates = lobs };
        await ProvenAsync(table);
        await Lake.LoadAsync(table, 2, "SELECT 3 AS id, 'gone' AS name");
        await MergeAsync(table);
        await Proofs.AskAllAsync(table, new ProofRepair(), CancellationToken.None);
        await ChangesAsync(table, "('I', 10000, 3, 'back')");

        await JudgedAsync(table);

        Assert.Equal(("1=ada 2=bob 3=back", causes), (await PeopleAsync(), await CausesAsync()));
    }

    [Fact]
    public async Task What_comes_of_an_older_generation_after_a_proof_of_the_newest_brings_no_row_back()
    {
        await ProvenAsync(People);
        Lake.Generation = 2;
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await MergeAsync(People);
        Assert.Equal("GenerationBegan 2, Loaded 2", await CausesAsync());
        await Proofs.AskAllAsync(People, new ProofRepair(), CancellationToken.None);
        Assert.Equal("", await CausesAsync());

        Lake.Generation = 1;
        await ChangesAsync(People, "('I', 90, 3, 'deleted before generation 2')");
        await MergeAsync(People);

        Assert.Equal(("1=ada 2=bob", ""), (await PeopleAsync(), await CausesAsync()));
    }

    [Fact]
    public async Task Tables_of_which_no_row_can_be_proven_are_never_called_unproven()
    {
        var table = People with { Ordering = ChangeOrdering.Timestamp };
        await Lake.LoadAsync(table, 1, "SELECT 1 AS id, 'ada' AS name");
        await MergeAsync(table);
        await new ResumeJob(Analytics.ConnectionString).RunAsync(
            People.TargetName, new Consent { ToTypes = true }, CancellationToken.None);

        Assert.Equal("", await CausesAsync());
    }
}
