namespace CdcDms.Pipeline.Tests.Model;

/// <summary>
/// A history is made by reading choices from a tape, so that a shorter tape, or smaller numbers on it, make a simpler history. Past the
/// tape's end every choice is the first.
/// </summary>
public sealed class Tape(IReadOnlyList<int> choices)
{
    private int _at;

    /// <summary>One of the numbers from 0 to <paramref name="count"/> − 1.</summary>
    public int Next(int count) => _at < choices.Count ? Math.Abs(choices[_at++] % count) : 0;

    /// <summary>True once in <paramref name="times"/> times.</summary>
    public bool OnceIn(int times) => Next(times) == times - 1;

    /// <summary>The items in an order of the tape's.</summary>
    public List<T> Shuffled<T>(IEnumerable<T> items)
    {
        var left = items.ToList();
        var shuffled = new List<T>();
        while (left.Count > 0)
        {
            var at = Next(left.Count);
            shuffled.Add(left[at]);
            left.RemoveAt(at);
        }

        return shuffled;
    }
}
