using System.CommandLine;

namespace CdcDms.Local.Commands;

/// <summary>Options of verbs that have rows read for proofs from this machine.</summary>
internal static class ProofOptions
{
    /// <summary>How long a file may stay open.</summary>
    public static Option<int> FileSeconds { get; } = CreateFileSeconds();

    /// <summary>By which connection rows are read.</summary>
    public static Option<string?> ReadSource { get; } = new("--read-source")
    {
        Description = "Npgsql connection string by which rows are read at the source: of a read replica, which may lag behind for a "
            + "minute, or of a role that may only read. Markers are written by --source. Default: --source.",
        HelpName = "CONN",
    };

    private static Option<int> CreateFileSeconds()
    {
        var option = new Option<int>("--file-seconds")
        {
            Description = "Seconds after which the capture closes a file at the latest. Default: 5, as the local capture; "
                + "DMS: 60 unless its endpoint says otherwise (CdcMaxBatchInterval).",
            DefaultValueFactory = _ => 5,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out var seconds) && seconds < 1)
                result.AddError("--file-seconds must be at least 1.");
        });
        return option;
    }
}
