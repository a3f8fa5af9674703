using System.CommandLine;
using Amazon.S3;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Proofs;

namespace CdcDms.Local.Commands;

/// <summary>
/// Proofs of living tables: asked for, and followed by markers and merges until they are judged. Other merges may run meanwhile.
/// </summary>
/// <param name="parsed">The command line.</param>
/// <param name="s3">The lake's server.</param>
/// <param name="lake">The lake.</param>
internal sealed class ProofFollowing(ParseResult parsed, IAmazonS3 s3, LakeUri lake)
{
    private const int MostIntervals = 60;

    private readonly LakeReader _lake = new(s3, lake);
    private readonly int _seconds = parsed.GetValue(FileSeconds);

    /// <summary>How long a file may stay open.</summary>
    public static Option<int> FileSeconds { get; } = CreateFileSeconds();

    /// <summary>By which connection rows are read.</summary>
    public static Option<string?> ReadSource { get; } = new("--read-source")
    {
        Description = "Npgsql connection string by which rows are read at the source: of a read replica, which may lag behind for a "
            + "minute, or of a role that may only read. Markers are written by --source. Default: --source.",
        HelpName = "CONN",
    };

    /// <summary>Asks for proofs.</summary>
    public ProofJob Job { get; } = new(
        parsed.SourceText(), parsed.TargetText(), parsed.GetValue(FileSeconds),
        readConnection: parsed.GetValue(ReadSource) is { } text ? CommonOptions.Connection(text, "by which the source is read") : null)
    {
        Lake = lake,
    };

    /// <summary>Compares a whole table, and asks for proofs of the rows that differ.</summary>
    /// <param name="table">The table.</param>
    /// <param name="repair">What may be repaired when the proofs are judged; null for nothing.</param>
    /// <param name="waits">Whether markers are written and merged where merges must come before the comparison goes on.</param>
    /// <param name="cancellationToken">Ends the comparison.</param>
    public async Task<FullProof> AskAllAsync(
        TableDefinition table, ProofRepair? repair, bool waits, CancellationToken cancellationToken)
    {
        try
        {
            var full = await CompareAsync(table, repair, waits, cancellationToken);
            if (full.More is not ComparisonMore.Nothing)
                await Job.GiveUpAsync(table, cancellationToken);
            return full;
        }
        catch
        {
            // The next command is another run, which would have to wait for this one.
            await ((Task)Job.GiveUpAsync(table, CancellationToken.None)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private async Task<FullProof> CompareAsync(
        TableDefinition table, ProofRepair? repair, bool waits, CancellationToken cancellationToken)
    {
        var full = await Job.AskAllAsync(table, repair, cancellationToken);
        using var clock = new PeriodicTimer(TimeSpan.FromSeconds(_seconds));
        for (var interval = 0; waits && full.More is ComparisonMore.Merges && interval < MostIntervals; interval++)
        {
            await MergeAsync(table, clock, cancellationToken);
            full = await Job.AskAllAsync(table, repair, cancellationToken);
        }

        return full;
    }

    /// <summary>Writes markers and merges until the proofs of a table are judged.</summary>
    public async Task<ProofResult> FollowAsync(TableDefinition table, IReadOnlyList<long> proofs, CancellationToken cancellationToken)
    {
        if (proofs.Count > 0)
            Screen.Note(
                $"{table.Source} is read; its proof waits until all that the source had written by then is merged, about {4 * _seconds} "
                + "seconds while a capture runs. After Ctrl-C, merges judge it once later markers have come.");
        using var clock = new PeriodicTimer(TimeSpan.FromSeconds(_seconds));
        var result = await Job.ReadAsync(table, proofs, cancellationToken);
        for (var interval = 0; result.Outcome is null; interval++)
        {
            if (interval == MostIntervals)
            {
                Screen.Note(
                    $"The proof of {table.Source} is pending after {MostIntervals * _seconds} seconds: its markers do not come through the "
                    + "lake in time. Look whether the capture or the task runs; merges judge the proof as long as it is not a day old.");
                return result;
            }

            await MergeAsync(table, clock, cancellationToken);
            result = await Job.ReadAsync(table, proofs, cancellationToken);
        }

        return result;
    }

    private async Task MergeAsync(TableDefinition table, PeriodicTimer clock, CancellationToken cancellationToken)
    {
        await MarkerWriter.WriteOneAsync(parsed.SourceText(), _seconds, cancellationToken);
        await clock.WaitForNextTickAsync(cancellationToken);
        await new MarkerJob(_lake, parsed.TargetText()).MergeAsync(cancellationToken);
        while ((await new MergeJob(_lake, parsed.TargetText()).RunAsync(table, BatchLimits.Default, cancellationToken)).More)
            continue;
    }

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
