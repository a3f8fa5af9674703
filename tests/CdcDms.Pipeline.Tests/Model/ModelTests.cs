using System.Globalization;
using System.Numerics;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Quarantine;
using CdcDms.Pipeline.Status;
using CdcDms.Pipeline.Targets;
using CdcDms.Pipeline.Tests.Spark;
using CdcDms.Testing.Proxies;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Model;

/// <summary>
/// Random histories, cut, delivered and merged at random, against a fold in memory. <c>CDCDMS_HISTORIES</c> says how many, and
/// <c>CDCDMS_REPLAY</c> runs again what a failure prints: with <c>seed,gamma</c> the same ones, with <c>seed,gamma,size</c> the one that
/// failed.
/// </summary>
public sealed class ModelTests(TestServers servers)
{
    private static readonly TableDefinition Things = new()
    {
        Schema = "public",
        Name = "things",
        Target = "analytics.things",
        Key = ["id"],
        Columns =
        [
            new() { From = "id", To = "id", Type = "integer" }, new() { From = "qty", To = "qty", Type = "integer" },
            new() { From = "body", To = "body", Type = "text" }, new() { From = "extra", To = "extra", Type = "integer" },
        ],
    };

    // Of every so manieth history the rows in the lake are counted as well.
    private const int CountedInLake = 4;

    private static int _histories;

    [Fact]
    public async Task Any_history_in_any_order_in_any_batching_gives_what_happened()
    {
        await using var databases = new ModelDatabases(servers);
        var histories = int.Parse(
            Environment.GetEnvironmentVariable("CDCDMS_HISTORIES") ?? (Drills.AreLong ? "480" : "60"), CultureInfo.InvariantCulture);
        var replay = Environment.GetEnvironmentVariable("CDCDMS_REPLAY")?.Split(',')
            .Select(part => ulong.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        var workers = replay is null ? Environment.ProcessorCount : 1;
        var config = Config.QuickThrowOnFailure.WithMaxTest(histories / workers);
        if (replay is [var seed, var gamma, .. var size])
            config = config.WithReplay(
                new Replay(new Rnd(seed, gamma), size is [var step] ? FSharpOption<int>.Some((int)step) : FSharpOption<int>.None));
        var tapes = Arb.From(Gen.Choose(0, 1_000_000).ArrayOf(120), Simpler);

        // The runner blocks its thread, so each has one of its own. The first that fails looks for a simpler history; the others end.
        var failing = -1;
        await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Factory.StartNew(
            () => Check.One(config, Prop.ForAll(tapes, tape => ShownAsync(worker, tape))),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        async Task ShownAsync(int worker, int[] tape)
        {
            if (failing >= 0 && failing != worker)
                return;
            var history = new History(tape);
            try
            {
                await RunAsync(history, databases);
            }
            catch (Exception fault)
            {
                Interlocked.CompareExchange(ref failing, worker, -1);
                throw new InvalidOperationException($"{fault.Message}\n{history}", fault);
            }
        }
    }

    // Every attempt is a run against the servers, so few and coarse ones: a shorter tape, or one with fewer choices that are not the first.
    private static IEnumerable<int[]> Simpler(int[] tape)
    {
        foreach (var eighths in (int[])[4, 6, 7])
            if (tape.Length * eighths / 8 < tape.Length)
                yield return tape[..(tape.Length * eighths / 8)];
        for (var from = 0; from < tape.Length; from += 8)
            if (tape.Skip(from).Take(8).Any(choice => choice != 0))
                yield return [.. tape.Select((choice, at) => at >= from && at < from + 8 ? 0 : choice)];
    }

    private async Task RunAsync(History history, ModelDatabases databases)
    {
        var number = Interlocked.Increment(ref _histories);
        var analytics = await databases.AnalyticsAsync(number);
        using var lake = await TestLake.CreateAsync(servers);
        var table = Things with
        {
            Name = $"things{number}",
            Target = $"analytics.things{number}",
            Deletes = history.SoftDeletes ? DeleteMode.Soft : DeleteMode.Hard,
            LobUpdates = history.KeepOnNull ? LobUpdates.KeepOnNull : LobUpdates.Trust,
            Columns = history.Spells ? [Things.Columns![0] with { Type = "citext" }, .. Things.Columns.Skip(1)] : Things.Columns,
        };
        await using var connection = await Database.OpenAsync(analytics.ConnectionString, "analytics", CancellationToken.None);
        if (history.HasDefaults)
            await connection.ExecuteAsync(
                $"CREATE TABLE {table.Target} (id {(history.Spells ? "citext" : "integer")} PRIMARY KEY, "
                + $"qty integer CHECK (qty <> {Image.RefusedQty}), body text DEFAULT '{Image.DefaultBody}', "
                + $"extra integer DEFAULT {Image.DefaultExtra})",
                CancellationToken.None);
        // A column that goes must have been seen before; key 0 shows them all.
        await WriteAsync(lake, table, new LakeFile(false, true, [new Change(0, 'I', 1, new Image(0, "zero", 0))]), 0, history);
        await MergeAsync(lake, table, analytics, BatchLimits.Default);
        var target = await ModelTarget.OpenAsync(connection, table.TargetName);
        var seen = new Dictionary<int, BigInteger>();
        var proofs = new ModelProofs(history, table, lake, await databases.SourceAsync(number), analytics);
        var (loads, retried) = (0, 0);
        foreach (var (at, delivery) in history.Deliveries.Index())
        {
            await proofs.BeforeAsync(at);
            foreach (var file in delivery.Files)
                await WriteAsync(lake, table, file, file.IsLoad ? ++loads : 0, history);
            await proofs.BesideAsync(at);
            if (delivery.Dies is { } death)
                await DieAsync(lake, table, analytics, Limits(delivery), death);
            await Task.WhenAll(Enumerable.Range(0, delivery.Merges).Select(
                _ => MergeAsync(lake, table, analytics, Limits(delivery), delivery.BySpark)));
            if (history.RetriesAfter == at)
            {
                await target.AcceptAsync();
                retried = (await new QuarantineJob(analytics.ConnectionString).RetryAsync(table, null, CancellationToken.None)).Closed;
            }

            if (delivery.Forgets is { } forgotten)
                await target.ForgetAsync(forgotten);
            await target.NeverGoesBackAsync(seen, history);
            await proofs.AfterAsync(at);
        }

        var fates = Oracle.Of(history, history.Files, proofs.Repairs);
        await target.HoldsAsync(fates, history);
        if (proofs.Cured)
            IsTheSource(fates, history);
        Assert.Equal(0, await target.WronglyQuarantinedAsync(history));
        if (number % CountedInLake == 0 && proofs.Repairs.Count == 0
            && history is { Refuses: false, Spells: false, ForgetsUpTo: null })
            Assert.Equal(await target.LiveRowsAsync(history), await RowsInLakeAsync(lake, table, connection));
        // What an older generation still holds when a newer one is whole is not read.
        var more = 1 + proofs.Repairs.Count + retried;
        var least = history.Files.Where(file => !history.SecondIsWhole || file.Generation == 2).Sum(file => (long)file.Changes.Count);
        // What Spark left may be merged in part when its changes have to be merged as they are.
        var times = 1 + history.Deliveries.Where(delivery => delivery.BySpark).Sum(delivery => delivery.Merges);
        Assert.InRange(await target.ReadAsync() - more, least, times * history.Files.Sum(file => (long)file.Changes.Count));
        if (!history.LoadsAgain)
            return;

        // What it says of rows that are there or were deleted is older than they are.
        var again = new LakeFile(true, history.DroppedAt is null, [new Change(1, 'I', 0, new Image(-99, "again", -99))]);
        await WriteAsync(lake, table, again, 1, history);
        await MergeAsync(lake, table, analytics, BatchLimits.Default);
        await target.HoldsAsync(Oracle.Of(history, [.. history.Files, again], proofs.Repairs), history);
    }

    /// <summary>
    /// Whatever was lost before the last proof is cured. Not so of a column whose NULL may mean "unchanged", in rows that changed
    /// meanwhile.
    /// </summary>
    private static void IsTheSource(Dictionary<int, Fate> fates, History history)
    {
        Assert.Equal(Shown(history.Final), Shown(fates.Where(fate => fate.Value.DeletedAt is null)
            .Select(fate => KeyValuePair.Create(fate.Key, fate.Value.Image!))));

        string Shown(IEnumerable<KeyValuePair<int, Image>> rows) => string.Join("\n", rows.OrderBy(row => row.Key).Select(
            row => $"{row.Key} {(history.KeepOnNull ? row.Value with { Body = null } : row.Value)}"));
    }

    // Of each file by itself, so that the lake's keys are reduced time and again.
    private static async Task<long> RowsInLakeAsync(TestLake lake, TableDefinition table, NpgsqlConnection connection)
    {
        using var rows = new LakeRows(
            lake.Reader, table, await TargetTable.FindAsync(connection, table, CancellationToken.None), mostFiles: 1, manyKeys: 1);
        var files = await LakeFiles.ListAsync(lake.Reader, table, CancellationToken.None);
        return await rows.CountAsync(files, _ => { }, CancellationToken.None);
    }

    private static BatchLimits Limits(Delivery delivery) =>
        BatchLimits.Default with { Bytes = delivery.BatchBytes, Rows = delivery.BatchRows };

    private async Task DieAsync(TestLake lake, TableDefinition table, TestDatabase analytics, BatchLimits limits, Death death)
    {
        using var end = death.AfterMilliseconds is { } after ? new CancellationTokenSource(after) : new CancellationTokenSource();
        Task merging;
        // Where it is held at a step, the server sees what it sees of a program that is gone.
        await using (var proxy = PostgresProxy.Start(servers.Postgres, death.AtStep is { } step ? new StopAt(step) : null))
        {
            var ownSession = new NpgsqlConnectionStringBuilder(proxy.Through(analytics.ConnectionString)) { Pooling = false };
            merging = new MergeJob(lake.Reader, ownSession.ConnectionString, memoryMegabytes: 64).RunAsync(table, limits, end.Token);
            await Task.WhenAny(merging, proxy.Stopped);
        }

        try
        {
            await merging;
        }
        catch (Exception fault) when (fault is OperationCanceledException or CdcDmsException { InnerException: not null })
        {
        }
    }

    private static async Task MergeAsync(
        TestLake lake, TableDefinition table, TestDatabase analytics, BatchLimits limits, bool bySpark = false)
    {
        var job = new MergeJob(lake.Reader, analytics.ConnectionString, memoryMegabytes: 64);
        if (bySpark)
            await SparkedMerge.RunAsync(job, lake, table, limits);
        MergeOutput output;
        do
        {
            output = await job.RunAsync(table, limits, CancellationToken.None);
            Assert.True(output.Rows.Balance(), output.Rows.ToString());
        }
        while (output.More);
    }

    private static async Task WriteAsync(TestLake lake, TableDefinition table, LakeFile file, int load, History history)
    {
        lake.Generation = file.Generation;
        var type = history.Spells ? "VARCHAR" : "INTEGER";
        var values = file.Changes.Count == 0 ? "('I', 0, NULL, 0, '', 0, NULL)" : string.Join(", ", file.Changes.Select(Row));
        var rows = $"SELECT op, v, id::{type} AS id, qty::INTEGER AS qty, body::VARCHAR AS body"
            + (file.HasExtra ? ", extra::INTEGER AS extra" : "")
            + (history.Moves && !file.IsLoad ? $", old::{type} AS \"BI_id\"" : "")
            + $" FROM (VALUES {values}) t(op, v, id, qty, body, extra, old) WHERE id IS NOT NULL";
        if (!file.IsLoad)
        {
            await lake.CdcAsync(table, rows);
            return;
        }

        var key = await lake.LoadAsync(table, load, $"SELECT * EXCLUDE (op, v) FROM ({rows})");
        if (file.IsWhole)
            await lake.ManifestAsync(table, key);

        string Row(Change change) => string.Create(
            CultureInfo.InvariantCulture,
            $"('{change.Operation}', {change.Version}, {Key(change.Key, change)}, {Value(change.Image?.Qty)}, "
            + $"{(change.Image?.Body is { } body ? $"'{body}'" : "NULL")}, {Value(change.Image?.Extra)}, "
            + $"{(change.OldKey is { } was ? Key(was, change with { Version = change.Version + History.VersionStep }) : "NULL")})");

        // The same key is spelt otherwise by every other change.
        string Key(int key, Change change) =>
            history.Spells
                ? $"'{(change.Version / History.VersionStep % 2 == 0 ? 'k' : 'K')}{key}'"
                : key.ToString(CultureInfo.InvariantCulture);
    }

    private static string Value(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "NULL";
}
