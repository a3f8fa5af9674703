using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Markers;

/// <summary>How markers are written and settled at the source.</summary>
public sealed class MarkerWriterTests(TestServers servers) : IAsyncLifetime
{
    private static readonly TableName Orders = new("public", "orders");
    private TestDatabase _source = null!;

    public async ValueTask InitializeAsync()
    {
        _source = await servers.CreateDatabaseAsync();
        await using var connection = await OpenAsync();
        await MarkerSchema.EnsureAsync(connection, CancellationToken.None);
        await _source.ExecuteAsync(
            """
            CREATE TABLE orders (id integer PRIMARY KEY) PARTITION BY RANGE (id);
            CREATE TABLE orders_low PARTITION OF orders FOR VALUES FROM (0) TO (100);
            CREATE TABLE other (id integer PRIMARY KEY)
            """);
    }

    public async ValueTask DisposeAsync() => await _source.DisposeAsync();

    [Fact]
    public async Task A_later_number_is_a_later_commit_also_when_many_write()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            await using var connection = await OpenAsync();
            for (var count = 0; count < 20; count++)
                await new MarkerWriter(connection, 60).WriteAsync(CancellationToken.None);
        }));

        Assert.Equal(160, await _source.ScalarAsync<long>("SELECT max(number) FROM cdcdms.marker"));
        Assert.Equal(160, await _source.ScalarAsync<long>("SELECT count(*) FROM cdcdms.marker"));
        // Transactions that write get their numbers when they write: under the lock, so in the order of the markers.
        Assert.True(await _source.ScalarAsync<bool>(
            "SELECT bool_and(rises) FROM (SELECT age(xmin) < lag(age(xmin), 1, 2147483647) OVER (ORDER BY number) AS rises "
            + "FROM cdcdms.marker) markers"));
    }

    [Fact]
    public async Task Markers_of_a_month_ago_go_and_their_numbers_do_not_come_again()
    {
        await using var connection = await OpenAsync();
        var writer = new MarkerWriter(connection, 60);
        await writer.WriteAsync(CancellationToken.None);
        await writer.WriteAsync(CancellationToken.None);
        await _source.ExecuteAsync("UPDATE cdcdms.marker SET written_at = now() - interval '31 days'");

        Assert.Equal(3, (await writer.WriteAsync(CancellationToken.None)).Number);
        Assert.Equal(1, await _source.ScalarAsync<long>("SELECT count(*) FROM cdcdms.marker"));
    }

    [Theory]
    [InlineData("INSERT INTO orders VALUES (1)")]
    [InlineData("INSERT INTO orders_low VALUES (1)")]
    [InlineData("TRUNCATE orders_low")]
    public async Task A_marker_is_settled_once_those_who_wrote_the_table_have_ended(string write)
    {
        await using var writer = await OpenAsync();
        var transaction = await writer.BeginTransactionAsync();
        await writer.ExecuteAsync(write, CancellationToken.None);
        await using var connection = await OpenAsync();
        var marker = await new MarkerWriter(connection, 60).WriteAsync(CancellationToken.None);

        var settling = new Settlement(connection, TimeSpan.FromMinutes(1)).SettleAsync(marker.Id, Orders, CancellationToken.None);
        await WaitForAsync(
            $"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = {connection.ProcessID} "
            + "AND query LIKE '%transactionid::text = ANY ($1)%')");
        Assert.False(settling.IsCompleted);
        Assert.Equal(0, await SettledAsync());
        await transaction.CommitAsync();
        await settling;

        Assert.Equal(1, await SettledAsync());
    }

    [Fact]
    public async Task Who_writes_other_tables_or_began_after_the_look_is_not_waited_for()
    {
        await using var writer = await OpenAsync();
        await using var transaction = await writer.BeginTransactionAsync();
        await writer.ExecuteAsync("INSERT INTO other VALUES (1); SELECT * FROM orders", CancellationToken.None);
        await using var connection = await OpenAsync();
        var marker = await new MarkerWriter(connection, 60).WriteAsync(CancellationToken.None);

        await new Settlement(connection, TimeSpan.FromMinutes(1)).SettleAsync(marker.Id, Orders, CancellationToken.None);

        Assert.Equal(1, await SettledAsync());
    }

    [Fact]
    public async Task A_transaction_that_is_prepared_after_the_look_is_waited_for_until_its_end()
    {
        await using var writer = await OpenAsync();
        await writer.ExecuteAsync("BEGIN; INSERT INTO orders VALUES (1)", CancellationToken.None);
        await using var connection = await OpenAsync();
        var writers = new TableWriters(connection, Orders);
        var before = await writers.NowAsync(CancellationToken.None);
        var name = $"p{Guid.NewGuid():N}";

        await writer.ExecuteAsync($"PREPARE TRANSACTION '{name}'", CancellationToken.None);
        var prepared = await writers.StillAsync(before, CancellationToken.None);
        var told = await writers.NameAsync(prepared.Single(), CancellationToken.None);
        await writer.ExecuteAsync($"COMMIT PREPARED '{name}'", CancellationToken.None);

        Assert.Equal(before, prepared);
        Assert.StartsWith($"the prepared transaction '{name}'", told, StringComparison.Ordinal);
        Assert.Empty(await writers.StillAsync(before, CancellationToken.None));
    }

    [Fact]
    public async Task A_transaction_that_writes_for_too_long_is_named_and_nothing_is_written()
    {
        await using var writer = await OpenAsync();
        await using var transaction = await writer.BeginTransactionAsync();
        await writer.ExecuteAsync("INSERT INTO orders VALUES (1)", CancellationToken.None);
        await using var connection = await OpenAsync();

        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => new Settlement(connection, TimeSpan.Zero).SettleAsync(Guid.NewGuid(), Orders, CancellationToken.None));

        Assert.Equal(ErrorKind.Unavailable, fault.Kind);
        Assert.Contains($"public.orders was not read: the session {writer.ProcessID} (", fault.Message, StringComparison.Ordinal);
        Assert.Contains("idle in transaction since", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, await SettledAsync());
    }

    [Fact]
    public async Task A_prepared_transaction_is_waited_for_and_named()
    {
        await _source.ExecuteAsync("BEGIN; INSERT INTO orders VALUES (1); PREPARE TRANSACTION 'left over'");
        await using var connection = await OpenAsync();

        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => new Settlement(connection, TimeSpan.Zero).SettleAsync(Guid.NewGuid(), Orders, CancellationToken.None));
        await _source.ExecuteAsync("COMMIT PREPARED 'left over'");

        Assert.Contains("the prepared transaction 'left over'", fault.Message, StringComparison.Ordinal);
        await new Settlement(connection, TimeSpan.Zero).SettleAsync(Guid.NewGuid(), Orders, CancellationToken.None);
        Assert.Equal(1, await SettledAsync());
    }

    [Fact]
    public async Task A_role_that_may_not_make_the_tables_is_told_how_they_are_made()
    {
        var user = await servers.CreateDatabaseAsync();
        await user.ExecuteAsync("CREATE ROLE marker_reader LOGIN PASSWORD 'x'");
        var reader = new NpgsqlConnectionStringBuilder(user.ConnectionString) { Username = "marker_reader", Password = "x" };
        await using (var connection = await Database.OpenAsync(reader.ConnectionString, "source", CancellationToken.None))
        {
            var fault = await Assert.ThrowsAsync<CdcDmsException>(() => MarkerSchema.EnsureAsync(connection, CancellationToken.None));
            Assert.Contains("preflight --fix-sql", fault.Message, StringComparison.Ordinal);
        }

        await user.DisposeAsync();
        await _source.ExecuteAsync("DROP ROLE marker_reader");
    }

    [Fact]
    public async Task A_role_makes_the_tables_in_a_schema_that_was_made_for_it_and_needs_no_right_to_make_schemas()
    {
        var user = await servers.CreateDatabaseAsync();
        await user.ExecuteAsync("CREATE ROLE marker_owner LOGIN PASSWORD 'x'; CREATE SCHEMA cdcdms AUTHORIZATION marker_owner");
        var owner = new NpgsqlConnectionStringBuilder(user.ConnectionString) { Username = "marker_owner", Password = "x" };
        await using (var connection = await Database.OpenAsync(owner.ConnectionString, "source", CancellationToken.None))
            await MarkerSchema.EnsureAsync(connection, CancellationToken.None);

        Assert.Equal(2, await user.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE tableowner = 'marker_owner'"));
        await user.ExecuteAsync("DROP OWNED BY marker_owner; DROP ROLE marker_owner");
        await user.DisposeAsync();
    }

    private Task<NpgsqlConnection> OpenAsync() => Database.OpenAsync(_source.ConnectionString, "source", CancellationToken.None);

    private Task<long> SettledAsync() =>
        _source.ScalarAsync<long>("SELECT count(*) FROM cdcdms.settled WHERE table_schema = 'public' AND table_name = 'orders'")!;

    private async Task WaitForAsync(string condition)
    {
        while (!await _source.ScalarAsync<bool>(condition))
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
    }
}
