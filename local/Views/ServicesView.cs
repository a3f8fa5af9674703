using CdcDms.Local.Services;
using Npgsql;

namespace CdcDms.Local.Views;

/// <summary>Prints where running services are, in lines that a shell takes as they are.</summary>
internal static class ServicesView
{
    /// <summary>Prints a line for each service and waits until the program is told to end.</summary>
    public static async Task KeepAsync(EmbeddedServices services, TextWriter output, CancellationToken cancellationToken)
    {
        await WriteAsync(services, output);
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Prints a line for each service.</summary>
    public static async Task WriteAsync(EmbeddedServices services, TextWriter output)
    {
        await output.WriteLineAsync($"export SOURCE='{services.SourceConnectionString}'");
        await output.WriteLineAsync($"export ANALYTICS='{services.AnalyticsConnectionString}'");
        await output.WriteLineAsync($"export LAKE={services.Lake} S3_ENDPOINT={services.S3.Endpoint}");
        await output.WriteLineAsync(
            $"export AWS_ACCESS_KEY_ID={services.S3.AccessKeyId} AWS_SECRET_ACCESS_KEY={services.S3.SecretAccessKey}");
        var (source, analytics) = (Url(services.SourceConnectionString), Url(services.AnalyticsConnectionString));
        await output.WriteLineAsync($"export SOURCE_URL='{source}' ANALYTICS_URL='{analytics}'");
        await output.WriteLineAsync($"# shop:      psql {source}");
        await output.WriteLineAsync($"# analytics: psql {analytics}");
        await output.WriteLineAsync("# Ctrl-C stops the services and removes their files. The lines above are for another shell.");
    }

    /// <summary>As psql takes it, which does not read Npgsql's connection strings.</summary>
    private static string Url(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        return $"postgresql://{settings.Username}:{settings.Password}@{settings.Host}:{settings.Port}/{settings.Database}";
    }
}
