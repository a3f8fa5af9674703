using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Tests.Ledger;

/// <summary>What every program asks of the ledger before it does anything else.</summary>
public sealed class LedgerSchemaTests(TestServers servers)
{
    [Fact]
    public async Task A_new_ledger_is_made_in_one_message_and_one_that_is_there_costs_two_questions()
    {
        await using var database = await servers.CreateDatabaseAsync();
        await using var connection = await Database.OpenAsync(database.ConnectionString, "analytics", CancellationToken.None);

        Assert.Equal(["SELECT to_regclass", "SELECT pg_advisory_xact_lock"], await SaidAsync());
        Assert.Equal(["SELECT to_regclass", "SELECT coalesce"], await SaidAsync());

        async Task<IReadOnlyList<string>> SaidAsync()
        {
            using var heard = new HeardStatements(database);
            await LedgerSchema.EnsureAsync(connection, CancellationToken.None);
            return heard.Beginnings;
        }
    }

    [Fact]
    public void The_table_of_versions_is_made_by_the_first_step_alone() => Assert.All(
        LedgerMigration.All,
        step => Assert.Equal(step.Version == 1, step.Statements.Contains("CREATE SCHEMA", StringComparison.Ordinal)));
}
