using System.Globalization;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Status;
using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>Where tables are in source, lake and analytics: a row for each place, in the order in which changes travel.</summary>
internal static class LakeStatusView
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static void Write(IReadOnlyList<TablePlaces> tables)
    {
        AnsiConsole.Write(Table(tables));
        Screen.Line("Times are UTC. A row says what was there at the time in its last column.");
        foreach (var note in tables.SelectMany(table => table.Notes))
            Screen.Line(note);
    }

    /// <summary>The figures.</summary>
    public static Table Table(IReadOnlyList<TablePlaces> tables)
    {
        var table = Screen.Table("table", "rows", "newest change", "newest marker", "waiting", "read at");
        // On a narrow terminal a long name is broken, and no figure.
        foreach (var figures in table.Columns.Skip(1))
            figures.NoWrap();
        foreach (var place in tables)
        {
            table.AddRow(Screen.Cell(place.Table), "", "", "", "", "");
            if (place.Source is { } source)
                Add("source", source.ReadUtc, source.Rows, null, source.NewestMarker, "");
            if (place.Lake is { } lake)
                Add("lake", lake.ReadUtc, lake.Rows, lake.NewestCommitUtc, lake.NewestMarker, Missing(place.Source));
            if (place.Analytics is { } analytics)
                Add(
                    "analytics", analytics.ReadUtc, analytics.Rows, analytics.NewestCommitUtc,
                    analytics.NewestMarker, Waiting(place.Lake));
            if (place.Analytics is { DueMarker: { } due } merged)
                Add("due", merged.ReadUtc, null, null, due, "");
        }

        return table;

        void Add(string place, DateTime readUtc, long? rows, DateTime? newestUtc, MarkerPoint? marker, string waiting) => table.AddRow(
            $"  {place}", Screen.OptionalNumber(rows), Time(newestUtc, readUtc), Marker(marker, readUtc), waiting,
            Clock(readUtc));
    }

    private static string Marker(MarkerPoint? marker, DateTime nowUtc) => marker is null ? "–"
        : string.Create(CultureInfo.InvariantCulture, $"#{marker.Number} {Time(marker.Utc, nowUtc)}");

    /// <summary>What has been written at the source and has not come into the lake.</summary>
    private static string Missing(SourcePlace? source) => source?.MarkersMissingSinceUtc is not { } since ? ""
        : $"markers, {Age(since, source.ReadUtc)}";

    private static string Waiting(LakePlace? lake) => lake is { WaitingFiles: > 0, WaitingSinceUtc: { } since }
        ? $"{(lake.WaitingFiles == 1 ? "1 file" : $"{Screen.Number(lake.WaitingFiles.Value)} files")}, {Age(since, lake.ReadUtc)}" : "";

    private static string Age(DateTime sinceUtc, DateTime nowUtc) =>
        Screen.Age(nowUtc > sinceUtc ? nowUtc - sinceUtc : TimeSpan.Zero);

    // The date of what is no day old is known.
    private static string Time(DateTime? utc, DateTime nowUtc) =>
        utc is { } known && (nowUtc - known).Duration() < Day ? Clock(known) : Screen.Time(utc);

    private static string Clock(DateTime utc) => utc.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
