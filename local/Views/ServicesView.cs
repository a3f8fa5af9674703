using CdcDms.Local.Services;

namespace CdcDms.Local.Views;

/// <summary>Prints where running services are, in lines that can be copied into a shell.</summary>
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
        await output.WriteLineAsync($"source        {services.SourceConnectionString}");
        await output.WriteLineAsync($"analytics     {services.AnalyticsConnectionString}");
        await output.WriteLineAsync($"lake          {services.Lake}");
        await output.WriteLineAsync($"s3-endpoint   {services.S3.Endpoint}");
        await output.WriteLineAsync(
            $"credentials   AWS_ACCESS_KEY_ID={services.S3.AccessKeyId} AWS_SECRET_ACCESS_KEY={services.S3.SecretAccessKey}");
        await output.WriteLineAsync("Ctrl-C stops them and removes their files.");
    }
}
