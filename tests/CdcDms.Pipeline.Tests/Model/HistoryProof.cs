namespace CdcDms.Pipeline.Tests.Model;

/// <summary>A proof of all keys of a history, one that no change speaks of among them.</summary>
/// <param name="Number">Its place among the proofs, from 0.</param>
/// <param name="Marker">The version of its first marker.</param>
/// <param name="After">The version of its second marker. So much later two more markers tell the time.</param>
/// <param name="Rows">The source's rows when they were read, between the two.</param>
/// <param name="Repairs">Whether it repairs.</param>
/// <param name="ComesAgain">Whether its first marker comes once more, with a version above the second.</param>
public sealed record HistoryProof(
    int Number, long Marker, long After, IReadOnlyDictionary<int, Image> Rows, bool Repairs, bool ComesAgain)
{
    private const int MarkersFrom = History.VersionStep / 2 + 10;
    private const int Room = 10;

    /// <summary>The keys that are proven.</summary>
    public static IReadOnlyList<int> Keys { get; } = [1, 2, 3, 4, 5];

    /// <summary>The delivery before which it is asked for.</summary>
    public int Asked { get; private init; }

    /// <summary>The delivery with which its markers come.</summary>
    public int Come { get; private init; }

    /// <summary>The delivery with which so much time has passed that it is due.</summary>
    public int Due { get; private init; }

    /// <summary>Chooses one or two proofs, each read somewhere between its markers, these anywhere between changes.</summary>
    /// <param name="tape">The choices.</param>
    /// <param name="states">The source's rows after each change.</param>
    public static IReadOnlyList<HistoryProof> Some(Tape tape, IReadOnlyList<Dictionary<int, Image>> states)
    {
        var proofs = new List<HistoryProof>();
        var at = 0;
        for (var number = 0; number < 1 + (tape.OnceIn(2) ? 1 : 0); number++)
        {
            var marker = at = Later();
            var read = at = Later();
            at = Later();
            proofs.Add(new HistoryProof(
                number, Version(marker, number), Version(at, number) + 1, states[read], !tape.OnceIn(3), tape.OnceIn(4)));
        }

        return proofs;

        int Later() => at + tape.Next(states.Count - at);
        static long Version(int change, int number) => change * History.VersionStep + MarkersFrom + number * Room;
    }

    /// <summary>Says when proofs are asked for, and when their markers come and are due: never before those of an earlier proof.</summary>
    public static IReadOnlyList<HistoryProof> Timed(Tape tape, IReadOnlyList<HistoryProof> proofs, int deliveries)
    {
        var timed = new List<HistoryProof>();
        var (asked, come, due) = (0, 0, 0);
        foreach (var proof in proofs)
        {
            asked = Later(asked);
            come = Later(Math.Max(asked, come));
            due = Later(Math.Max(come, due));
            timed.Add(proof with { Asked = asked, Come = come, Due = due });
        }

        return timed;

        int Later(int from) => from + tape.Next(deliveries - from);
    }

    /// <summary>What the proof must say, and what it repairs.</summary>
    /// <param name="fates">What the target holds.</param>
    /// <param name="loads">The versions of full loads of which rows may have come since the proof was read.</param>
    public ProofVerdict Judge(Dictionary<int, Fate> fates, IReadOnlyList<long> loads)
    {
        var verdict = new ProofVerdict();
        foreach (var key in Keys)
        {
            var fate = fates.GetValueOrDefault(key);
            if (fate is not null && Math.Max(fate.Version, fate.DeletedAt ?? -1) > Marker)
            {
                verdict.ChangedSince++;
                continue;
            }

            var (read, found) = (Rows.GetValueOrDefault(key), fate is { DeletedAt: null } ? fate.Image : null);
            if (found is not null && loads.Contains(fate!.Version))
            {
                verdict.ChangedSince++;
                verdict.LeavesLoaded = true;
                continue;
            }

            if (Difference(read, found) is { } difference)
                verdict.Differences.Add($"{key} {difference}");
            if (Repairs)
                verdict.Repairs.Add(new Change(key, read is null ? 'D' : 'I', Marker, read));
        }

        return verdict;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"proof{(Repairs ? " with repair" : "")} between {Marker}{(ComesAgain ? " (twice)" : "")} and {After}, asked before {Asked}, "
        + $"markers with {Come}, due with {Due}: {string.Join(", ", Rows.OrderBy(row => row.Key).Select(row => $"{row.Key} {row.Value}"))}";

    private static string? Difference(Image? read, Image? found)
    {
        if (read is null || found is null)
            return read is not null ? "Missing" : found is not null ? "Extra" : null;
        string[] columns =
        [
            .. read.Qty != found.Qty ? (string[])["qty"] : [],
            .. read.Body != found.Body ? (string[])["body"] : [],
            .. read.Extra != found.Extra ? (string[])["extra"] : [],
        ];
        return columns.Length > 0 ? $"Changed {string.Join(',', columns)}" : null;
    }
}

/// <summary>What a proof must say.</summary>
public sealed class ProofVerdict
{
    /// <summary>Keys of which nothing is said: they changed after the first marker, or a full load may have brought them.</summary>
    public int ChangedSince { get; set; }

    /// <summary>Whether there are rows of which nothing is said because a full load may have brought them since the read.</summary>
    public bool LeavesLoaded { get; set; }

    /// <summary>Key, kind and columns of each difference, in the order of the keys.</summary>
    public List<string> Differences { get; } = [];

    /// <summary>The rows that are merged as the proof has read them.</summary>
    public List<Change> Repairs { get; } = [];
}
