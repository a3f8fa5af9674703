using System.Text.Json;
using CdcDms.Contract.Tables;

namespace CdcDms.Benchmarks.Memory;

/// <summary>How much memory a merge takes at most.</summary>
internal static class MemoryWorks
{
    private const int WideColumns = 300;

    // Of a hundred values of a wide update, so many are told.
    private const int ToldPercent = 20;

    /// <summary>Batches of more and more changes, and wide rows of which updates tell a part.</summary>
    /// <param name="scale">By how much changes are multiplied.</param>
    public static MeasurementGroup Group(double scale)
    {
        MergeWork Of(string name, int millions, int? keys = null)
        {
            var changes = (int)(millions * 400_000 * scale);
            return new MergeWork(name, changes, keys ?? changes * 3 / 10, 0) { NewPercent = 100, Files = millions * 4 };
        }

        IReadOnlyList<MergeWork> Both(string name, double changesEach, IReadOnlyList<ColumnForm> value)
        {
            var changes = (int)(changesEach * scale);
            return
            [
                .. from updates in (LobUpdates[])[LobUpdates.Trust, LobUpdates.KeepOnNull]
                   let named = $"{name}, {JsonNamingPolicy.CamelCase.ConvertName(updates.ToString())}"
                   select new MergeWork(named, changes, changes, changes) { Value = value, LobUpdates = updates },
            ];
        }

        return new MeasurementGroup("memory", MemoryMeasurement.Head,
        [
            .. from work in ((string Name, int? Keys)[])[("same keys", (int)(120_000 * scale)), ("more keys", null)]
               select Work(work.Name, [.. from millions in (int[])[1, 4, 16] select Of(work.Name, millions, work.Keys)]),
            Work("6 columns", Both("6 columns", 200_000, NarrowValue)),
            Work("300 columns", Both("300 columns", 8_000, WideValue)),
        ])
        {
            Rounds = 2,
        };
    }

    // Of two updates one tells the text.
    private static IReadOnlyList<ColumnForm> NarrowValue =>
    [
        new("words", "text", "CASE WHEN hash({0}, {1}) % 2 = 0 THEN md5({1}::VARCHAR) END"),
        .. Enumerable.Range(1, 4).Select(column => new ColumnForm($"number_{column}", "integer", $"(({{1}} + {column}) % 1000)::INTEGER")),
    ];

    private static IReadOnlyList<ColumnForm> WideValue =>
    [
        .. Enumerable.Range(1, WideColumns).Select(column => new ColumnForm(
            $"text_{column}",
            "text",
            $"CASE WHEN hash({{0}}, {{1}}, {column}) % 100 < {ToldPercent} THEN (hash({{0}}, {{1}}) % 1000 + {column})::VARCHAR END")),
    ];

    private static MeasuredWork Work(string name, IReadOnlyList<MergeWork> works) => new(name, async (servers, rounds) =>
    {
        var measured = await MemoryMeasurement.TakeAsync(servers, works, rounds);
        return (measured, string.Join(Environment.NewLine, measured.Select(memory => memory.Line)));
    });
}
