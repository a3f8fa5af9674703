using Npgsql;

namespace CdcDms.Pipeline.Tests;

/// <summary>A role that may read the tables of one schema and change nothing.</summary>
internal sealed class ReadOnlyRole
{
    private const string Password = "reader";

    private readonly TestDatabase _database;
    private readonly string _name = $"reader_{Guid.NewGuid():N}";

    private ReadOnlyRole(TestDatabase database) => _database = database;

    /// <summary>Makes the role.</summary>
    public static async Task<ReadOnlyRole> CreateAsync(TestDatabase database, params string[] schemas)
    {
        var role = new ReadOnlyRole(database);
        await database.ExecuteAsync(
            $"CREATE ROLE {role._name} LOGIN PASSWORD '{Password}'; ALTER ROLE {role._name} SET default_transaction_read_only = on");
        foreach (var schema in schemas)
            await database.ExecuteAsync(
                $"GRANT USAGE ON SCHEMA {schema} TO {role._name}; GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role._name}");
        return role;
    }

    /// <summary>Connects as the role.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(_database.ConnectionString)
    {
        Username = _name,
        Password = Password,
        Pooling = false,
    }.ConnectionString;

    /// <summary>Removes the role, which else is in the way of the database's next user.</summary>
    public Task DropAsync() => _database.ExecuteAsync($"DROP OWNED BY {_name}; DROP ROLE {_name}");
}
