using System.Globalization;
using CdcDms.Pipeline.Postgres;

namespace CdcDms.Local.Demo;

/// <summary>The demo's source: four tables that between them have every commonly used type, a composite key and values over 8 KB.</summary>
internal static class Shop
{
    /// <summary>Creates the tables and fills them.</summary>
    /// <param name="connectionString">An empty database.</param>
    /// <param name="rows">About how many rows in all.</param>
    public static async Task CreateAsync(string connectionString, int rows, CancellationToken cancellationToken)
    {
        await using var connection = await Database.OpenAsync(connectionString, "source", cancellationToken);
        await connection.ExecuteAsync(Script("shop.sql"), cancellationToken);
        var load = Script("load.sql").Replace("$1", rows.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        await connection.ExecuteAsync(load, cancellationToken);
    }

    /// <summary>The statements of a script, each of which ends with a semicolon at the end of a line.</summary>
    public static IEnumerable<string> Statements(string script) =>
        Script(script).Split(";\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Script(string name)
    {
        using var stream = typeof(Shop).Assembly.GetManifestResourceStream($"CdcDms.Local.Demo.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
