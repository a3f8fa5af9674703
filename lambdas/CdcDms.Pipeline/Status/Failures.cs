using CdcDms.Contract;

namespace CdcDms.Pipeline.Status;

/// <summary>Collects what fails, so that the rest can be told.</summary>
internal sealed class Failures
{
    private readonly Lock _lock = new();
    private readonly List<string> _sentences = [];

    /// <summary>What failed, each once.</summary>
    public IReadOnlyList<string> Sentences
    {
        get
        {
            lock (_lock)
                return [.. _sentences.Distinct()];
        }
    }

    /// <summary>Does something.</summary>
    /// <returns>Its result; null when it failed.</returns>
    public async Task<T?> NoteAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (CdcDmsException fault)
        {
            lock (_lock)
                _sentences.Add(fault.Message);
            return default;
        }
    }

    /// <inheritdoc cref="NoteAsync"/>
    public T? Note<T>(Func<T> work) where T : class
    {
        try
        {
            return work();
        }
        catch (CdcDmsException fault)
        {
            lock (_lock)
                _sentences.Add(fault.Message);
            return null;
        }
    }
}
