using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Proofs;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>Rows that are read from a replica of the source, or by a role that may only read; markers are written at the source.</summary>
public sealed class ProofReplicaTests(TestServers servers) : ProofFixture(servers)
{
    [Fact]
    public async Task A_replica_that_lags_behind_proves_nothing_neither_rows_nor_whole_tables()
    {
        // The target lost a change, and the replica does not have it yet: both hold the same old row.
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ada')");
        await using var replica = await ReplicaAsync("(1, 'ada')");
        await Source.ExecuteAsync("UPDATE people SET name = 'eve'");
        var proofs = By(replica.ConnectionString, settleSeconds: 0);

        foreach (var ask in new Func<Task>[]
        {
            () => proofs.AskAllAsync(People, new ProofRepair(), CancellationToken.None),
            () => proofs.AskAsync(People, [["1"]], new ProofRepair(), CancellationToken.None),
        })
        {
            var fault = await Assert.ThrowsAsync<CdcDmsException>(ask);
            Assert.Equal(ErrorKind.Unavailable, fault.Kind);
            Assert.Equal(
                "public.people was not read: the server does not know after 0 seconds that the marker is settled; it is a replica that "
                + "lags behind, or another database.",
                fault.Message);
        }

        await AssertAnswerAsync<long>(0, "SELECT count(*) FROM cdc.proofs");
        Assert.Equal(1, (await Proofs.AskAllAsync(People, null, CancellationToken.None)).Keys);
    }

    [Fact]
    public async Task A_replica_that_catches_up_is_waited_for_and_what_it_has_is_read()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ada'), (2, 'bob')");
        // What tells this copy from its source.
        await using var replica = await ReplicaAsync("(1, 'ada'), (2, 'copy')");
        using var end = new CancellationTokenSource();
        var follows = FollowAsync(replica, end.Token);

        var full = await By(replica.ConnectionString, settleSeconds: 60).AskAllAsync(People, new ProofRepair(), CancellationToken.None);
        await end.CancelAsync();
        await follows;

        Assert.Equal((2, 2, 1, 1), (full.Compared.SourceRows, full.Compared.TargetRows, full.Compared.Changed, full.Keys));
        await MarkersAsync(2, 100, 200);
        await MergeAsync(People);
        Assert.Equal("1=ada 2=copy", await PeopleAsync());
    }

    [Fact]
    public async Task An_empty_table_of_a_server_that_does_not_know_the_marker_is_not_taken_for_empty()
    {
        await ChangesAsync(People, "('D', 1, 1, NULL)");
        await MergeAsync(People);
        await using var replica = await ReplicaAsync(rows: null);

        await Assert.ThrowsAsync<CdcDmsException>(
            () => By(replica.ConnectionString, settleSeconds: 0).AskAllAsync(People, null, CancellationToken.None));
        Assert.True((await Proofs.AskAllAsync(People, null, CancellationToken.None)).Compared.Identical);
    }

    [Fact]
    public async Task A_role_that_may_only_read_the_table_and_what_is_settled_is_enough_to_read_rows()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'eve')");
        var reader = await ReadOnlyRole.CreateAsync(Source, "public");
        try
        {
            var proofs = By(reader.ConnectionString, settleSeconds: 0);
            var fault = await Assert.ThrowsAsync<CdcDmsException>(() => proofs.AskAllAsync(People, null, CancellationToken.None));
            Assert.Contains("permission denied for schema cdcdms; GRANT it to the role", fault.Message, StringComparison.Ordinal);

            await Source.ExecuteAsync($"GRANT USAGE ON SCHEMA cdcdms TO {reader.Name}; GRANT SELECT ON cdcdms.settled TO {reader.Name}");
            Assert.Equal(1, (await proofs.AskAllAsync(People, new ProofRepair(), CancellationToken.None)).Keys);

            // What a policy hides is no row that is missing.
            await Source.ExecuteAsync(
                $"ALTER TABLE people ENABLE ROW LEVEL SECURITY; CREATE POLICY none ON people TO {reader.Name} USING (false)");
            fault = await Assert.ThrowsAsync<CdcDmsException>(() => proofs.AskAllAsync(People, null, CancellationToken.None));
            Assert.Contains("BYPASSRLS", fault.Message, StringComparison.Ordinal);
        }
        finally
        {
            await reader.DropAsync();
        }
    }

    private ProofJob By(string readConnection, int settleSeconds) =>
        new(Source.ConnectionString, Analytics.ConnectionString, intervalSeconds: 60, settleSeconds, readConnection);

    /// <summary>Another database with the source's tables.</summary>
    private async Task<TestDatabase> ReplicaAsync(string? rows)
    {
        var replica = await Servers.CreateDatabaseAsync();
        await replica.ExecuteAsync(
            $"CREATE TABLE people (id integer PRIMARY KEY, name text); {string.Join("; ", MarkerSchema.Statements)}; "
            + (rows is null ? "" : $"INSERT INTO people VALUES {rows}"));
        return replica;
    }

    /// <summary>Lets a copy know what is settled at the source, as a replica that catches up does.</summary>
    private async Task FollowAsync(TestDatabase replica, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var settled = await Source.ScalarAsync<string>(
                "SELECT string_agg(format('(%L, %L, %L)', marker_id, table_schema, table_name), ', ') FROM cdcdms.settled");
            if (settled is not null)
                await replica.ExecuteAsync($"INSERT INTO cdcdms.settled VALUES {settled} ON CONFLICT DO NOTHING");
        }
    }
}
