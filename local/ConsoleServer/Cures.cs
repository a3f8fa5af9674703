using CdcDms.Contract;

namespace CdcDms.Local.ConsoleServer;

/// <summary>The cures of this console: those that go on, and the last that ended. They end with the console.</summary>
/// <param name="time">Says when each began and ended.</param>
internal sealed class Cures(TimeProvider time) : IAsyncDisposable
{
    private const int Most = 50;

    private readonly Lock _lock = new();
    private readonly LinkedList<Cure> _all = [];
    private readonly List<Task> _running = [];
    private readonly CancellationTokenSource _ended = new();

    /// <summary>Rises with everything that <see cref="All"/> tells.</summary>
    public int Version { get; private set; }

    /// <summary>All of them, the newest first.</summary>
    public IReadOnlyList<Cure> All
    {
        get
        {
            lock (_lock)
                return [.. _all];
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="target">To which table.</param>
    /// <param name="work">Does it: tells how far it is, and gives what came of it.</param>
    /// <exception cref="CdcDmsException">Another cure of the table goes on.</exception>
    public Cure Start(CureKind kind, string target, Func<Action<string>, CancellationToken, Task<CureResult>> work)
    {
        Cure cure;
        lock (_lock)
        {
            if (_all.FirstOrDefault(one => one.Target == target && one.IsDone is null) is { } other)
                throw new CdcDmsException(
                    ErrorKind.Conflict, $"Another cure of {target} goes on since {other.StartedUtc:u}: wait until it has ended.");
            var id = _all.First is { } newest ? newest.Value.Id + 1 : 1;
            cure = new Cure { Id = id, Kind = kind, Target = target, StartedUtc = Now, Told = "It has begun." };
            _all.AddFirst(cure);
            while (_all.Count > Most && _all.Last!.Value.IsDone is not null)
                _all.RemoveLast();
            _running.RemoveAll(one => one.IsCompleted);
            // The work begins outside of the lock.
            _running.Add(Task.Run(() => RunAsync(cure.Id, target, work)));
            Version++;
        }

        return cure;
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private async Task RunAsync(int id, string target, Func<Action<string>, CancellationToken, Task<CureResult>> work)
    {
        CureResult result;
        try
        {
            result = await work(told => Change(id, cure => cure with { Told = told }), _ended.Token);
        }
        catch (CdcDmsException fault)
        {
            result = new CureResult(false, fault.Message);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            result = new CureResult(false, "The console was ended.");
        }
        catch (Exception fault)
        {
            // A cure that never ended would keep every other from the table.
            result = new CureResult(false, Defect.Told($"The cure of {target}", fault));
        }

        Change(id, cure => cure with { Told = result.Told, IsDone = result.IsDone, EndedUtc = Now });
    }

    private void Change(int id, Func<Cure, Cure> change)
    {
        lock (_lock)
        {
            for (var node = _all.First; node is not null; node = node.Next)
                if (node.Value.Id == id)
                    node.Value = change(node.Value);
            Version++;
        }
    }

    /// <summary>Ends those that go on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        Task[] running;
        lock (_lock)
            running = [.. _running];
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }
}

/// <summary>What came of a cure.</summary>
/// <param name="IsDone">Whether all is well now.</param>
/// <param name="Told">It, in a sentence.</param>
internal sealed record CureResult(bool IsDone, string Told);
