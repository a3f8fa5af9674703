using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Proofs;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>Changes that come late, before and after a proof, and what is said of them.</summary>
public sealed class ProofLateTests(TestServers servers) : ProofFixture(servers)
{
    [Fact]
    public async Task What_comes_late_from_before_the_marker_does_not_change_a_row_that_was_proven_with_repair()
    {
        await ChangesAsync(People, "('I', 5, 1, 'a')");
        await MergeAsync(People);
        // At 7 the row became b, which comes late, and at 9 it became a again, which was lost.
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'a')");
        Assert.Equal("Proven 0 0 0", await RepairedAsync(People, ["1"]));

        await ChangesAsync(People, "('U', 7, 1, 'b')");
        await MergeAsync(People);

        Assert.Equal("1=a", await PeopleAsync());
    }

    [Fact]
    public async Task A_late_change_is_closed_by_the_proof_that_repairs_its_key()
    {
        await ChangesAsync(People, "('I', 60, 9, 'zed')");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (9, 'zed')");
        await Analytics.ExecuteAsync("UPDATE cdc.tables SET purge_floor = 1e35 + 50 WHERE target_name = 'people'");
        await ChangesAsync(People, "('I', 20, 1, 'late')");
        await MergeAsync(People);
        Assert.Single(await QuarantineAsync());

        Assert.Equal("Proven 0 0 0", await RepairedAsync(People, ["1"]));

        Assert.Empty(await QuarantineAsync());
    }

    [Fact]
    public async Task Versions_out_of_order_say_what_to_do_next()
    {
        await ChangesAsync(People, "('I', 1, 9, 'zed')");
        await MergeAsync(People);
        var marker = await AskAsync(People, repairs: true, 1);
        await MarkersAsync(marker, 100, 200);
        await Analytics.ExecuteAsync("UPDATE cdc.markers SET lowest_version = 1e35 + 900 WHERE number = 1");
        await MergeAsync(People);

        Assert.Contains("generation", await CauseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_with_few_rights_is_told_a_whole_sentence_about_the_session_that_writes()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await Source.ExecuteAsync(
            """
            INSERT INTO people VALUES (1, 'ada'); CREATE ROLE proof_writer LOGIN PASSWORD 'x'; GRANT SELECT ON people TO proof_writer;
            GRANT USAGE ON SCHEMA cdcdms TO proof_writer; GRANT SELECT, INSERT, DELETE ON ALL TABLES IN SCHEMA cdcdms TO proof_writer
            """);
        var reader = new NpgsqlConnectionStringBuilder(Source.ConnectionString)
        {
            Username = "proof_writer",
            Password = "x",
            Pooling = false,
        };
        Exception? fault;
        await using (var writer = await Database.OpenAsync(Source.ConnectionString, "source", CancellationToken.None))
        {
            await using var transaction = await writer.BeginTransactionAsync();
            await writer.ExecuteAsync("UPDATE people SET name = 'new' WHERE id = 1", CancellationToken.None);
            fault = await Record.ExceptionAsync(() => new ProofJob(reader.ConnectionString, Analytics.ConnectionString, 60, 0)
                .AskAsync(People, [["1"]], new ProofRepair(), CancellationToken.None));
        }

        await Source.ExecuteAsync("DROP OWNED BY proof_writer CASCADE; DROP ROLE proof_writer");
        Assert.Contains("writes to the table for longer", fault!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("since )", fault.Message, StringComparison.Ordinal);
    }
}
