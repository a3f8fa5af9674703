using Npgsql;

namespace CdcDms.Pipeline.Tests.Preflight;

/// <summary>A role of the server with no rights of its own, and connections as this role. The role goes with the tests.</summary>
internal sealed class CheckedRole(TestDatabase any)
{
    private const string Password = "p";

    public string Name { get; } = $"r{Guid.NewGuid():N}";

    public static async Task<CheckedRole> CreateAsync(TestDatabase any, string attributes = "")
    {
        var role = new CheckedRole(any);
        await any.ExecuteAsync($"CREATE ROLE {role.Name} LOGIN {attributes} PASSWORD '{Password}'");
        return role;
    }

    public string In(TestDatabase database)
    {
        var login = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = Name, Password = Password, Pooling = false };
        return login.ConnectionString;
    }

    public Task AlterAsync(string change) => any.ExecuteAsync($"ALTER ROLE {Name} {change}");
}
