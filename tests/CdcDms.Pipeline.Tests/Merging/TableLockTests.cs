using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>How long a merge waits for its table.</summary>
public sealed class TableLockTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task A_merge_that_cannot_have_the_table_in_time_says_so_and_leaves_everything_to_the_next()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await ChangesAsync(People, "('I', 2, 2, 'bob')");
        await using var other = await Analytics.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("SELECT pg_advisory_xact_lock(1130652484, id) FROM cdc.tables", other))
            await hold.ExecuteNonQueryAsync();

        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => Impatient("50ms").RunAsync(People, BatchLimits.Default, CancellationToken.None));

        Assert.Equal(ErrorKind.Unavailable, fault.Kind);
        Assert.Equal(
            "analytics.people was left as it is: another merge, proof or alteration holds the table; "
            + "run this again once that has ended.",
            fault.Message);
        await transaction.RollbackAsync();
        await MergeAsync(People);
        Assert.Equal("1=ada 2=bob", await PeopleAsync());
    }

    [Theory]
    [InlineData("0", "2min")]
    [InlineData("10min", "2min")]
    [InlineData("90s", "90s")]
    public async Task The_table_is_waited_for_two_minutes_or_as_long_as_the_role_says_if_that_is_shorter_and_then_locks_as_before(
        string own, string most)
    {
        await using var connection = new NpgsqlConnection(With(own));
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(null, connection);
        async Task<string?> TimeoutAsync(string after)
        {
            command.CommandText = after;
            await command.ExecuteNonQueryAsync();
            command.CommandText = "SHOW lock_timeout";
            return (string?)await command.ExecuteScalarAsync();
        }

        Assert.Equal(most, await TimeoutAsync(LockWait.Patiently));
        Assert.Equal(own, await TimeoutAsync(LockWait.AsBefore));
    }

    private MergeJob Impatient(string lockTimeout) => new(Lake.Reader, With(lockTimeout));

    private string With(string lockTimeout) =>
        new NpgsqlConnectionStringBuilder(Analytics.ConnectionString) { Options = $"-c lock_timeout={lockTimeout}" }.ConnectionString;
}
