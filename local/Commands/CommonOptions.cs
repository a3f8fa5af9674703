using System.CommandLine;
using Amazon.S3;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Postgres;

namespace CdcDms.Local.Commands;

/// <summary>Options that several verbs share, and how their texts become what the engine takes.</summary>
internal static class CommonOptions
{
    public static Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "Show where an error happened, not only what.",
        Recursive = true,
    };

    public static Option<string> Source { get; } = new("--source")
    {
        Description = "Npgsql connection string of the source database.",
        Required = true,
        HelpName = "CONN",
    };

    public static Option<string> Target { get; } = new("--target")
    {
        Description = "Npgsql connection string of the analytics database.",
        Required = true,
        HelpName = "CONN",
    };

    public static Option<string> Lake { get; } = new("--lake")
    {
        Description = "The lake, s3://BUCKET/PREFIX. Credentials come from the standard AWS environment variables.",
        Required = true,
        HelpName = "URI",
    };

    public static Option<string?> S3Endpoint { get; } = new("--s3-endpoint")
    {
        Description = "URL of an S3 server of your own, instead of AWS.",
        HelpName = "URL",
    };

    public static Option<string> Tables { get; } = new("--tables")
    {
        Description = "A JSON file with an array of table definitions; describe writes one.",
        Required = true,
        HelpName = "FILE",
    };

    public static Option<bool> Json { get; } = new("--json") { Description = "Print one JSON object and nothing else on stdout." };

    /// <summary>The good definitions of the file, and what is wrong with the others.</summary>
    /// <exception cref="CdcDmsException">No definition can be used.</exception>
    public static async Task<TableList> TablesAsync(this ParseResult parsed, CancellationToken cancellationToken)
    {
        var path = parsed.GetRequiredValue<string>(Tables.Name);
        try
        {
            return ContractJson.ReadTables(await File.ReadAllTextAsync(path, cancellationToken), path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The definition file {path} cannot be read: {fault.Message.TrimEnd('.')}; "
                + $"correct {Tables.Name}, or write one by describe --source CONN > {path}.",
                fault);
        }
    }

    /// <summary>The source's connection string.</summary>
    /// <exception cref="CdcDmsException">It is none.</exception>
    public static string SourceText(this ParseResult parsed) =>
        Connection(parsed.GetRequiredValue<string>(Source.Name), "of the source database");

    /// <summary>The analytics database's connection string.</summary>
    /// <exception cref="CdcDmsException">It is none.</exception>
    public static string TargetText(this ParseResult parsed) =>
        Connection(parsed.GetRequiredValue<string>(Target.Name), "of the analytics database");

    /// <summary>The analytics database, as a person calls it: <c>the database analytics at 127.0.0.1:5432</c>.</summary>
    public static string TargetName(this ParseResult parsed)
    {
        var settings = ConnectionText.Parse(parsed.TargetText(), "of the analytics database");
        return $"the database {settings.Database ?? settings.Username} at {settings.Host}:{settings.Port}";
    }

    /// <summary>A connection string.</summary>
    /// <exception cref="CdcDmsException">It is none.</exception>
    public static string Connection(string text, string origin)
    {
        ConnectionText.Parse(text, origin);
        return text;
    }

    public static IAmazonS3 S3(this ParseResult parsed) => LakeClient.Connect(parsed.S3Uri());

    public static Uri? S3Uri(this ParseResult parsed) =>
        parsed.GetValue(S3Endpoint) is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https" ? endpoint
        : throw new CdcDmsException(ErrorKind.BadDefinition, $"'{text}' is not an S3 endpoint: write it as http://HOST:PORT.");

    public static LakeUri LakeUri(this ParseResult parsed) =>
        CdcDms.Contract.Lake.LakeUri.Parse(parsed.GetRequiredValue<string>(Lake.Name));
}
