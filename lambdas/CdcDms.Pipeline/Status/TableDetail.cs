using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Status;

/// <summary>One table for people: what the ledger and the catalog have of it. It has keys of rows, and no other value.</summary>
public sealed record TableDetail
{
    /// <summary>So many proofs, differences and quarantined changes are told one by one.</summary>
    public const int Most = 100;

    /// <summary>The target table, <c>schema.name</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Why it is parked; null when it is not.</summary>
    public required string? ParkedCause { get; init; }

    /// <summary>How many of its files were rejected.</summary>
    public required long RejectedFiles { get; init; }

    /// <summary>The lake from which the target was filled; null before the first merge of files.</summary>
    public required string? Lake { get; init; }

    /// <summary>The generations of which the target may hold rows; 0 stands for rows from before the first merge.</summary>
    public required IReadOnlyList<int> Generations { get; init; }

    /// <summary>The target's columns, then those that files have and the target lacks.</summary>
    public required IReadOnlyList<DetailColumn> Columns { get; init; }

    /// <summary>Deletes that are remembered, as PostgreSQL's statistics estimate them; null when nobody has counted yet.</summary>
    public required long? Tombstones { get; init; }

    /// <summary>The most files that a batch may take since a larger one was too much; null when none was.</summary>
    public required int? MostFiles { get; init; }

    /// <summary>The newest proofs, the newest first.</summary>
    public required IReadOnlyList<DetailProof> Proofs { get; init; }

    /// <summary>
    /// Rows that the newest proof with differences has found, where not all of them were repaired and no later proof of the whole table
    /// found them right.
    /// </summary>
    public required IReadOnlyList<DetailDifference> Differences { get; init; }

    /// <summary>How many such rows there are.</summary>
    public required long Different { get; init; }

    /// <summary>The open changes of the quarantine, the oldest first.</summary>
    public required IReadOnlyList<DetailChange> Quarantine { get; init; }
}

/// <summary>A column of a target or of its files.</summary>
/// <param name="Name">Its name in the target; in the files where the target lacks the column.</param>
/// <param name="Type">Its type in the target; null where the target lacks the column.</param>
/// <param name="FileType">
/// Its type in the files, by the same name; null where no file had it, or the type is not known since a resume.
/// </param>
/// <param name="IsAbsent">Whether the newest files lack it, or the definition leaves it out: what the target holds grows old.</param>
public sealed record DetailColumn(string Name, string? Type, string? FileType, bool IsAbsent);

/// <summary>A proof.</summary>
/// <param name="Id">Its number.</param>
/// <param name="AskedUtc">When it was asked for.</param>
/// <param name="JudgedUtc">When it was judged; null while it is not.</param>
/// <param name="Outcome">How it ended; null while it is not judged.</param>
/// <param name="Cause">Why nothing was judged, or not everything repaired.</param>
/// <param name="IsWhole">Whether it has keys in which the comparison of the whole table found a difference.</param>
/// <param name="Keys">Keys that were read.</param>
/// <param name="NotJudged">Of these, keys of which nothing is said: they changed meanwhile, or are in the quarantine.</param>
/// <param name="Different">Keys that differ.</param>
/// <param name="Repaired">Of these, keys that were repaired.</param>
public sealed record DetailProof(
    long Id, DateTime AskedUtc, DateTime? JudgedUtc, ProofOutcome? Outcome, string? Cause, bool IsWhole, int Keys, int NotJudged,
    long Different, int Repaired);

/// <summary>A row that differs.</summary>
/// <param name="FoundUtc">When it was found.</param>
/// <param name="Key">Its key, as texts by the target's column.</param>
/// <param name="Kind">How it differs.</param>
/// <param name="Columns">The columns that differ; none where one side lacks the row.</param>
public sealed record DetailDifference(
    DateTime FoundUtc, IReadOnlyDictionary<string, string> Key, DifferenceKind Kind, IReadOnlyList<string> Columns);

/// <summary>An open change of the quarantine, without its values.</summary>
/// <param name="Id">The change's number.</param>
/// <param name="QuarantinedUtc">When the change was first put aside.</param>
/// <param name="Reason">Why, in one word.</param>
/// <param name="Operation"><c>D</c> for a delete, <c>U</c> for a row; null when the file does not say.</param>
/// <param name="Told">Why, without a value of a row; null when an older version of CdcDms put the change aside.</param>
public sealed record DetailChange(long Id, DateTime QuarantinedUtc, string Reason, string? Operation, string? Told);
