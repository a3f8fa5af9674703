using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Proofs;

/// <summary>Records the rows of a proof as they are read, some megabytes at a time: memory does not grow with how wide they are.</summary>
/// <param name="session">The target, in the transaction in which the proof is recorded.</param>
/// <param name="proof">The proof's number.</param>
internal sealed class ProofRows(TargetSession session, long proof)
{
    private const int MostCharacters = 1 << 22;

    private readonly List<ProofRow> _rows = [];
    private int _characters;

    /// <summary>How many rows are recorded.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a row.</summary>
    public async Task AddAsync(ProofRow row, CancellationToken cancellationToken)
    {
        _rows.Add(row);
        if ((_characters += row.Key.Length + (row.Row?.Length ?? 0)) > MostCharacters)
            await FlushAsync(cancellationToken);
    }

    /// <summary>Records what was added.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_rows.Count > 0)
            await session.Ledger.Proofs.AddAsync(proof, Count, _rows, cancellationToken);
        Count += _rows.Count;
        _rows.Clear();
        _characters = 0;
    }

    /// <summary>Reads rows; if that fails, none of them is recorded.</summary>
    public async Task OrNoneAsync(Func<Task> read, CancellationToken cancellationToken)
    {
        var before = Count;
        await session.Connection.ExecuteAsync("SAVEPOINT read", cancellationToken);
        try
        {
            await read();
            await session.Connection.ExecuteAsync("RELEASE SAVEPOINT read", cancellationToken);
        }
        catch
        {
            await session.Connection.ExecuteAsync("ROLLBACK TO SAVEPOINT read; RELEASE SAVEPOINT read", CancellationToken.None);
            _rows.Clear();
            (Count, _characters) = (before, 0);
            throw;
        }
    }
}
