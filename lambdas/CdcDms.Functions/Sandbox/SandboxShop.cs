using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Functions.Sandbox;

/// <summary>
/// Makes two empty databases into a source with a sample shop and an analytics database that is ready for it, and lets the shop do
/// some business.
/// </summary>
internal static class SandboxShop
{
    private const string SourceUser = "dms";
    private const string AnalyticsUser = "loader";

    /// <summary>
    /// Makes the role for DMS, the grants, the tables of markers, the shop and its first rows. A second call sets the password and changes
    /// nothing else.
    /// </summary>
    /// <param name="owner">Connection string of the database's owner.</param>
    /// <param name="password">Password of the role <c>dms</c>.</param>
    /// <param name="cancellationToken">Ends the call; nothing is half done, since all is one transaction.</param>
    public static async Task PrepareSourceAsync(string owner, string password, CancellationToken cancellationToken)
    {
        await using var connection = await Database.OpenAsync(owner, "source", cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await MakeRoleAsync(connection, SourceUser, password, cancellationToken);
        await connection.ExecuteAsync(Script("shop.sql"), cancellationToken);
        await connection.ExecuteAsync(string.Join("; ", MarkerSchema.Statements), cancellationToken);
        await connection.ExecuteAsync(Script("source.sql"), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Makes the role for the loader and, as its own, the shop's tables in the schema <c>analytics</c>.</summary>
    /// <param name="owner">Connection string of the database's owner.</param>
    /// <param name="password">Password of the role <c>loader</c>.</param>
    public static async Task PrepareAnalyticsAsync(string owner, string password, CancellationToken cancellationToken)
    {
        await using (var connection = await Database.OpenAsync(owner, "analytics", cancellationToken))
        {
            await MakeRoleAsync(connection, AnalyticsUser, password, cancellationToken);
            var database = Sql.Identifier(new NpgsqlConnectionStringBuilder(owner).Database!);
            await connection.ExecuteAsync($"GRANT CONNECT, CREATE ON DATABASE {database} TO {AnalyticsUser}", cancellationToken);
        }

        var loader = new NpgsqlConnectionStringBuilder(owner) { Username = AnalyticsUser, Password = password };
        await using var own = await Database.OpenAsync(loader.ConnectionString, "analytics", cancellationToken);
        await own.ExecuteAsync("CREATE SCHEMA IF NOT EXISTS analytics; SET search_path = analytics", cancellationToken);
        await own.ExecuteAsync(Script("shop.sql"), cancellationToken);
    }

    /// <summary>A minute's business in the source.</summary>
    public static async Task TradeAsync(string owner, CancellationToken cancellationToken)
    {
        await using var connection = await Database.OpenAsync(owner, "source", cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(Script("trickle.sql"), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    // A password cannot be a parameter of CREATE ROLE; the server itself quotes it.
    private static async Task MakeRoleAsync(NpgsqlConnection connection, string role, string password, CancellationToken cancellationToken)
    {
        var exists = await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", cancellationToken, role);
        var statement = await connection.ScalarAsync<string>(
            "SELECT format($1 || ' ROLE %I LOGIN PASSWORD %L', $2, $3)", cancellationToken, exists ? "ALTER" : "CREATE", role, password);
        await connection.ExecuteAsync(statement, cancellationToken);
    }

    private static string Script(string name)
    {
        using var stream = typeof(SandboxShop).Assembly.GetManifestResourceStream($"CdcDms.Functions.Sandbox.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
