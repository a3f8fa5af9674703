using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Postgres;

/// <summary>How a connection is opened, and what its session is like.</summary>
public sealed class DatabaseTests(TestServers servers)
{
    [Fact]
    public async Task A_schema_of_any_name_is_made_once()
    {
        const string name = """a '"; DROP SCHEMA public; --$$""";
        await using var database = await servers.CreateDatabaseAsync();

        await database.ExecuteAsync(Sql.CreateSchema(name));
        await database.ExecuteAsync(Sql.CreateSchema(name));

        Assert.Equal(
            2, await database.ScalarAsync<long>($"SELECT count(*) FROM pg_namespace WHERE nspname IN ({Sql.Literal(name)}, 'public')"));
    }

    private static readonly string[] Pinned =
    [
        "TimeZone UTC", "DateStyle ISO, YMD", "IntervalStyle iso_8601", "extra_float_digits 1", "bytea_output hex", "lc_monetary C",
        "array_nulls on", "xmloption content", "standard_conforming_strings on", "quote_all_identifiers off", "row_security off",
    ];

    private static PinnedSession Session { get; } = new() { IntervalStyle = "iso_8601" };

    [Fact]
    public async Task Statements_and_options_pin_the_same_settings()
    {
        await using var database = await servers.CreateDatabaseAsync();
        var options = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Options = Session.Options, Pooling = false };

        await using var stated = await Database.OpenAsync(database.ConnectionString, "source", Session, CancellationToken.None);
        await using var started = new NpgsqlConnection(options.ConnectionString);
        await started.OpenAsync();

        Assert.Equal(Pinned, await SettingsAsync(stated));
        Assert.Equal(Pinned, await SettingsAsync(started));
    }

    [Fact]
    public async Task Options_are_set_when_the_session_is_open_since_poolers_refuse_them_at_its_start()
    {
        await using var database = await servers.CreateDatabaseAsync();
        const string options = @"-c statement_timeout=4321 --application_name=two\ words -clock_timeout=1s -c TimeZone=Asia/Tokyo";
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Options = options, Pooling = false };

        await using var connection = await Database.OpenAsync(settings.ConnectionString, "source", CancellationToken.None);

        const string sql =
            "SELECT string_agg(name || ' ' || setting || ' ' || source, ', ' ORDER BY lower(name)) FROM pg_settings "
            + "WHERE name IN ('statement_timeout', 'application_name', 'lock_timeout', 'TimeZone')";
        Assert.Equal(
            "application_name two words session, lock_timeout 1000 session, statement_timeout 4321 session, TimeZone UTC session",
            await connection.ScalarAsync<string>(sql, CancellationToken.None));
    }

    [Theory]
    [InlineData(null, "", null)]
    [InlineData("-c a=b", "SELECT set_config('a', 'b', false); ", null)]
    [InlineData("-d 2 -c a.b='x", "SELECT set_config('a.b', '''x', false); ", "-d 2")]
    public void What_is_no_setting_stays_at_the_start_of_the_session(string? options, string statements, string? rest) =>
        Assert.Equal((statements, rest), SessionOptions.Split(options));

    [Fact]
    public async Task A_text_that_is_no_connection_string_is_told_with_its_origin()
    {
        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => Database.OpenAsync("Hots=1", "source", CancellationToken.None));

        Assert.Equal(ErrorKind.BadDefinition, fault.Kind);
        Assert.StartsWith("The connection string of the source database cannot be read: ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("source", "12.19", "UTF8", "is PostgreSQL 12, and at least 13 is needed")]
    [InlineData("analytics", "13.22", "UTF8", "is PostgreSQL 13, and at least 14 is needed")]
    [InlineData("source", "13.0", "LATIN1", null)]
    [InlineData("source", "13.0", null, null)]
    [InlineData("analytics", "14.8", null, null)]
    [InlineData("analytics", "14.8", "UTF8", null)]
    [InlineData("analytics", "15.3", "UTF8", null)]
    [InlineData("analytics", "16.0", "UTF8", null)]
    [InlineData("source", "15.2", "UTF8", null)]
    [InlineData("analytics", "14.7", "UTF8", "is PostgreSQL 14.7, which may write wrong values into partitions; upgrade it to 14.8")]
    [InlineData("analytics", "15.2", "UTF8", "is PostgreSQL 15.2, which may")]
    [InlineData("analytics", "18.1", "UTF8", null)]
    [InlineData("analytics", "17.0", "LATIN1", "has the encoding LATIN1, which does not have every letter")]
    [InlineData("source", "17.0", "SQL_ASCII", "has the encoding SQL_ASCII")]
    [InlineData("analytics", "17.0", "SQL_ASCII", "has the encoding SQL_ASCII")]
    public void Versions_that_are_too_old_and_encodings_that_lose_letters_are_refused(
        string role, string version, string? encoding, string? reason)
    {
        var told = SupportedServer.Refusal(role, new Version(version), encoding);

        if (reason is null)
            Assert.Null(told);
        else
            Assert.StartsWith(reason, told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_an_unknown_encoding_is_refused_when_it_is_opened()
    {
        await using var maintenance = await servers.CreateDatabaseAsync();
        await maintenance.ExecuteAsync("CREATE DATABASE of_bytes ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
        var bytes = new NpgsqlConnectionStringBuilder(maintenance.ConnectionString) { Database = "of_bytes", Pooling = false };

        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => Database.OpenAsync(bytes.ConnectionString, "source", CancellationToken.None));

        await maintenance.ExecuteAsync("DROP DATABASE of_bytes");
        Assert.Equal(ErrorKind.BadDefinition, fault.Kind);
        Assert.StartsWith("The source database of_bytes at 127.0.0.1:", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_a_policy_would_hide_are_an_error_and_not_left_out()
    {
        await using var database = await servers.CreateDatabaseAsync();
        var role = $"r{Guid.NewGuid():N}";
        await database.ExecuteAsync(
            $"CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2); ALTER TABLE t ENABLE ROW LEVEL SECURITY; "
            + $"CREATE POLICY few ON t USING (id < 2); CREATE ROLE {role} LOGIN PASSWORD 'p'; GRANT SELECT ON t TO {role}");
        var asRole = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = "p" };
        await using var connection = await Database.OpenAsync(asRole.ConnectionString, "source", CancellationToken.None);

        var fault = await Assert.ThrowsAsync<PostgresException>(
            () => connection.ScalarAsync<long>("SELECT count(*) FROM t", CancellationToken.None));

        Assert.Contains("for table \"t\"; give the role BYPASSRLS", PostgresFault.Tell(fault, "x").Message, StringComparison.Ordinal);
    }

    private static async Task<string[]> SettingsAsync(NpgsqlConnection connection)
    {
        var settings = new List<string>();
        foreach (var name in Pinned.Select(setting => setting.Split(' ')[0]))
            settings.Add($"{name} {await connection.ScalarAsync<string>($"SHOW {name}", CancellationToken.None)}");
        return [.. settings];
    }
}
