using Npgsql;

namespace CdcDms.Pipeline.Tests;

/// <summary>A role that may read the tables of one schema and change nothing.</summary>
internal sealed class ReadOnlyRole
{
    private const string Password = "reader";

    private readonly TestDatabase _database;

    private ReadOnlyRole(TestDatabase database) => _database = database;

    /// <summary>Its name.</summary>
    public string Name { get; } = $"reader_{Guid.NewGuid():N}";

    /// <summary>Makes the role.</summary>
    public static async Task<ReadOnlyRole> CreateAsync(TestDatabase database, params string[] schemas)
    {
        var role = new ReadOnlyRole(database);
        await database.ExecuteAsync(
            $"CREATE ROLE {role.Name} LOGIN PASSWORD '{Password}'; ALTER ROLE {role.Name} SET default_transaction_read_only = on");
        foreach (var schema in schemas)
            await database.ExecuteAsync(
                $"GRANT USAGE ON SCHEMA {schema} TO {role.Name}; GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role.Name}");
        return role;
    }

    /// <summary>Connects as the role.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(_database.ConnectionString)
    {
        Username = Name,
        Password = Password,
        Pooling = false,
    }.ConnectionString;

    /// <summary>Removes the role, which else is in the way of the database's next user.</summary>
    public Task DropAsync() => _database.ExecuteAsync($"DROP OWNED BY {Name}; DROP ROLE {Name}");
}
