using System.Numerics;

namespace CdcDms.House;

/// <summary>Who uses whom, among rooms or among files.</summary>
/// <param name="pairs">The one that uses and the one that is used.</param>
public sealed class Arrows(IEnumerable<(string From, string To)> pairs)
{
    private readonly HashSet<(string From, string To)> _pairs = [.. pairs.Where(pair => pair.From != pair.To)];

    /// <summary>How many pairs there are.</summary>
    public int Count => _pairs.Count;

    /// <summary>The largest sets whose members all reach each other, the larger ones first.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Circles()
    {
        var names = _pairs.SelectMany(pair => new[] { pair.From, pair.To }).Distinct().ToList();
        var reached = names.ToDictionary(name => name, Reached);
        return
        [
            .. names.Select(name => reached[name].Where(other => reached[other].Contains(name)).Order().ToList())
                .Where(circle => circle.Count > 1)
                .DistinctBy(circle => circle[0])
                .OrderByDescending(circle => circle.Count),
        ];
    }

    /// <summary>
    /// How many arrows point up when the rooms are put on levels so that as few as possible do. It needs no list of levels, so that
    /// the numbers of two states with different rooms can be compared. Up to 20 names.
    /// </summary>
    public int FewestUpwards()
    {
        var names = _pairs.SelectMany(pair => new[] { pair.From, pair.To }).Distinct().ToList();
        var uses = names.Select(name => _pairs.Where(pair => pair.From == name).Sum(pair => 1 << names.IndexOf(pair.To))).ToList();
        // For every set of rooms that stands at the bottom: the fewest arrows from it to the rest.
        var fewest = new int[1 << names.Count];
        for (var below = 1; below < fewest.Length; below++)
            fewest[below] = Enumerable.Range(0, names.Count)
                .Where(top => (below >> top & 1) == 1)
                .Min(top => fewest[below & ~(1 << top)] + BitOperations.PopCount((uint)(uses[top] & ~below)));
        return fewest[^1];
    }

    private HashSet<string> Reached(string name)
    {
        var reached = new HashSet<string>();
        var next = new Stack<string>([name]);
        while (next.TryPop(out var current))
            foreach (var (_, to) in _pairs.Where(pair => pair.From == current))
                if (reached.Add(to))
                    next.Push(to);
        return reached;
    }
}
