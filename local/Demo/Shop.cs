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
        await connection.ExecuteAsync(Script("load.sql").Replace("$1", rows.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), cancellationToken);
    }

    private static string Script(string name)
    {
        using var stream = typeof(Shop).Assembly.GetManifestResourceStream($"CdcDms.Local.Demo.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
