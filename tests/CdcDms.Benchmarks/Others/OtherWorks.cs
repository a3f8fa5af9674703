namespace CdcDms.Benchmarks.Others;

/// <summary>What people would use instead, beside our merge of the same files; a ratio above 1 says by how much they are slower.</summary>
internal static class OtherWorks
{
    // One statement a row takes long: so few are sent, and the time is that of all at this pace.
    private const int RowByRowShare = 10;

    /// <summary>Each way with a table that is updated, and with a first load.</summary>
    /// <param name="scale">By how much changes and rows are multiplied.</param>
    public static MeasurementGroup Group(double scale)
    {
        MergeWork Named(string name) => MergeWork.All(scale).Single(work => work.Name == name);

        return new MeasurementGroup("others", PairMeasurement.Head("ours", "theirs"),
        [
            .. from work in (MergeWork[])[Named("updates"), Named("a fifth deletes"), Named("first load")]
               select Work($"DuckDB and CSV, {work.Name}", work, hand => new CsvUpsert(hand)),
            .. from work in (MergeWork[])[Named("updates"), Named("first load")]
               select Work($"multi-row INSERT, {work.Name}", work, hand => new RowInserts(hand, rowsEach: 1000)),
            Work("row by row, updates", Named("updates"), hand => new RowInserts(hand, rowsEach: 1, RowByRowShare)),
        ])
        {
            Rounds = 3,
        };
    }

    private static MeasuredWork Work(string name, MergeWork work, Func<WorkByHand, IWayByHand> way) => new(name, async (servers, rounds) =>
    {
        await using var hand = await WorkByHand.CreateAsync(servers, work);
        if (way(hand) is { Share: 1 } whole)
            await hand.CheckAsync(whole);
        var measured = await PairMeasurement.TakeAsync(name, hand.Rows, rounds, hand.MergeAsync, () => hand.RunAsync(way(hand)));
        return (measured, measured.Line);
    });
}
