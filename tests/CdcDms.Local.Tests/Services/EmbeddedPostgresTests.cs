using CdcDms.Local.Services;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Services;

public class EmbeddedPostgresTests(TestServers servers)
{
    [Fact]
    public async Task The_server_is_ready_for_logical_replication()
    {
        await using var database = await servers.CreateDatabaseAsync();

        Assert.Equal("logical", await database.ScalarAsync<string>("SHOW wal_level"));
        await database.ExecuteAsync("SELECT pg_create_logical_replication_slot(current_database() || '_a', 'pgoutput')");
        await database.ExecuteAsync("SELECT pg_create_logical_replication_slot(current_database() || '_b', 'test_decoding')");
    }

    [Fact]
    public async Task It_is_postgresql_17_with_utf8_names_in_code_point_order_and_utc()
    {
        await using var database = await servers.CreateDatabaseAsync();

        Assert.Equal("17", (await database.ScalarAsync<string>("SHOW server_version"))!.Split('.')[0]);
        Assert.Equal("UTF8", await database.ScalarAsync<string>("SHOW server_encoding"));
        Assert.Equal("UTC", await database.ScalarAsync<string>("SHOW timezone"));
        Assert.True(await database.ScalarAsync<bool>("SELECT 'Z' < 'a' AND upper('é') = 'É'"));
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("""with"quote""")]
    [InlineData("ünï")]
    public async Task A_database_may_have_any_name(string name)
    {
        await servers.Postgres.CreateDatabaseAsync(name, TestContext.Current.CancellationToken);

        await using var connection = new NpgsqlConnection(servers.Postgres.ConnectionString(name) + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("SELECT current_database()", connection);
        Assert.Equal(name, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_wrong_password_is_refused()
    {
        var settings = new NpgsqlConnectionStringBuilder(servers.Postgres.ConnectionString()) { Password = "wrong", Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync(TestContext.Current.CancellationToken));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refusal.SqlState);
    }

    [Fact]
    public async Task A_cancelled_start_is_cancelled_and_leaves_no_server()
    {
        using var cancellationToken = new CancellationTokenSource();
        var starting = EmbeddedPostgres.StartAsync(cancellationToken.Token);
        await cancellationToken.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
    }

    [Fact]
    public async Task A_disposed_test_database_frees_its_slots_and_sessions()
    {
        var database = await servers.CreateDatabaseAsync();
        var name = await database.ScalarAsync<string>("SELECT current_database()");
        await database.ExecuteAsync("SELECT pg_create_logical_replication_slot(current_database(), 'pgoutput')");
        await using var other = new NpgsqlConnection(database.ConnectionString);
        await other.OpenAsync(TestContext.Current.CancellationToken);

        await database.DisposeAsync();

        await using var admin = await servers.CreateDatabaseAsync();
        // A session that is told to end takes a moment.
        await Commands.CommandLine.WaitUntilAsync(async () => 0 == await admin.ScalarAsync<long>(
            $"SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()) + (SELECT count(*) FROM "
            + $"pg_replication_slots WHERE database = '{name}')"));
    }
}
