using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Functions.Sandbox;

/// <summary>Makes two empty databases into a source with a sample shop and an analytics database that is ready for it, and lets the shop do some business.</summary>
internal static class SandboxShop
{
    private const string SourceUser = "dms";
    private const string AnalyticsUser = "loader";

    /// <summary>Makes the role for DMS, the grants, the marker table, the shop and its first rows. Again, it sets the password and changes nothing else.</summary>
    /// <param name="owner">Connection string of the database's owner.</param>
    /// <param name="password">Password of the role <c>dms</c>.</param>
    /// <param name="cancellation">Ends it; nothing is half done, since all is one transaction.</param>
    public static async Task PrepareSourceAsync(string owner, string password, CancellationToken cancellation)
    {
        await using var connection = await Database.OpenAsync(owner, "source", cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await MakeRoleAsync(connection, SourceUser, password, cancellation);
        await connection.ExecuteAsync(Script("shop.sql"), cancellation);
        await connection.ExecuteAsync(Script("source.sql"), cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Makes the role for the loader and, as its own, the shop's tables in the schema <c>analytics</c>.</summary>
    /// <param name="owner">Connection string of the database's owner.</param>
    /// <param name="password">Password of the role <c>loader</c>.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task PrepareAnalyticsAsync(string owner, string password, CancellationToken cancellation)
    {
        await using (var connection = await Database.OpenAsync(owner, "analytics", cancellation))
        {
            await MakeRoleAsync(connection, AnalyticsUser, password, cancellation);
            var database = new NpgsqlConnectionStringBuilder(owner).Database!;
            await connection.ExecuteAsync($"GRANT CONNECT, CREATE ON DATABASE {Sql.Identifier(database)} TO {AnalyticsUser}", cancellation);
        }

        var loader = new NpgsqlConnectionStringBuilder(owner) { Username = AnalyticsUser, Password = password };
        await using var own = await Database.OpenAsync(loader.ConnectionString, "analytics", cancellation);
        await own.ExecuteAsync("CREATE SCHEMA IF NOT EXISTS analytics; SET search_path = analytics", cancellation);
        await own.ExecuteAsync(Script("shop.sql"), cancellation);
    }

    /// <summary>A minute's business in the source.</summary>
    public static async Task TradeAsync(string owner, CancellationToken cancellation)
    {
        await using var connection = await Database.OpenAsync(owner, "source", cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(Script("trickle.sql"), cancellation);
        await transaction.CommitAsync(cancellation);
    }

    // A password cannot be a parameter of CREATE ROLE; the server itself quotes it.
    private static async Task MakeRoleAsync(NpgsqlConnection connection, string role, string password, CancellationToken cancellation)
    {
        var exists = await connection.SingleAsync("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", row => row.GetBoolean(0), cancellation, role);
        var statement = await connection.SingleAsync(
            "SELECT format($1 || ' ROLE %I LOGIN PASSWORD %L', $2, $3)", row => row.GetString(0), cancellation, exists ? "ALTER" : "CREATE", role, password);
        await connection.ExecuteAsync(statement, cancellation);
    }

    private static string Script(string name)
    {
        using var stream = typeof(SandboxShop).Assembly.GetManifestResourceStream($"CdcDms.Functions.Sandbox.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
