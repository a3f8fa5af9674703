using Npgsql.Replication.PgOutput.Messages;
using NpgsqlTypes;

namespace CdcDms.Local.Capture;

/// <summary>
/// Transactions before the checkpoint that the slot sends again, since the server has not kept how far it was told. They are in the lake,
/// and show whether the WAL is the one that was captured: a copy of the server from before the checkpoint has written others since, under
/// the same system identifier and, without an archive, on the same timeline.
/// </summary>
internal sealed class SentAgain(CaptureRun run, Resumed resumed)
{
    private readonly NpgsqlLogSequenceNumber _position = NpgsqlLogSequenceNumber.Parse(resumed.Checkpoint.Lsn);

    // The slot sends transactions whose commit begins at its position or later.
    private readonly CapturedTransaction? _expected = resumed.Checkpoint.LastTransaction is { } last
        && NpgsqlLogSequenceNumber.Parse(last.Lsn) >= resumed.Confirmed ? last : null;

    private CapturedTransaction? _last;

    /// <summary>Whether a transaction is one of those that are in the lake.</summary>
    public bool Has(BeginMessage begin) => begin.TransactionFinalLsn < _position;

    /// <summary>Takes one of them that has rows.</summary>
    public void Take(CapturedTransaction transaction) => _last = transaction;

    /// <summary>To be asked before the position moves: compares what was sent again with what the lake has.</summary>
    /// <exception cref="CdcDms.Contract.CdcDmsException">They differ.</exception>
    public void Check()
    {
        if (resumed.Checkpoint.LastTransaction is not null && _last != _expected)
            throw run.Lost(
                $"{run.Source.Name} has other transactions before {_position} than the lake, as a copy of the server that was restored "
                + "from before that");
    }
}
