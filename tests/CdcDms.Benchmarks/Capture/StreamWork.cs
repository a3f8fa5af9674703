using Amazon.S3.Model;
using CdcDms.Contract.Lake;
using CdcDms.Local.Capture;
using Npgsql.Replication;
using Npgsql.Replication.PgOutput;
using Npgsql.Replication.PgOutput.Messages;
using NpgsqlTypes;

namespace CdcDms.Benchmarks.Capture;

/// <summary>
/// Changes that wait in a slot, from the capture's start to its end with all of them in the lake. Its floor is Npgsql reading the messages
/// of the same slot and throwing them away: what a client pays that takes pgoutput in .NET, with the server's decoding.
/// </summary>
internal sealed class StreamWork
{
    private const int Transactions = 6;
    private const string Kept = "cdcdms_benchmark_kept";

    private readonly CapturedSource _source;
    private readonly CaptureOptions _options;
    private readonly int _changes;
    private readonly string _slot;
    private readonly byte[] _checkpoint;
    private readonly NpgsqlLogSequenceNumber _end;

    private StreamWork(
        CapturedSource source, CaptureOptions options, int changes, string slot, byte[] checkpoint, NpgsqlLogSequenceNumber end) =>
        (_source, _options, _changes, _slot, _checkpoint, _end) = (source, options, changes, slot, checkpoint, end);

    /// <summary>Takes the snapshot, keeps the slot and the checkpoint of then, and makes the changes.</summary>
    public static async Task<StreamWork> CreateAsync(CapturedSource source, int changes)
    {
        var options = source.Options(await source.CreateLakeAsync());
        await CaptureJob.RunAsync(options, CancellationToken.None);
        var slot = await source.Database.ScalarAsync<string>(
            "SELECT slot_name::text FROM pg_replication_slots WHERE database = current_database()");
        await source.Database.ExecuteAsync($"SELECT pg_copy_logical_replication_slot('{slot}', '{Kept}')");
        var checkpoint = await CheckpointAsync(options);
        for (var transaction = 0; transaction < Transactions; transaction++)
            await source.Database.ExecuteAsync(Sql(source.Rows, transaction, changes / Transactions));
        var end = NpgsqlLogSequenceNumber.Parse((await source.Database.ScalarAsync<string>("SELECT pg_current_wal_lsn()::text"))!);
        return new StreamWork(source, options, changes / Transactions * Transactions, slot!, checkpoint, end);
    }

    /// <summary>Reads the messages and nothing else.</summary>
    public async Task<TimeSpan> ReadAsync()
    {
        await BeginAgainAsync();
        await using var connection = new LogicalReplicationConnection(_source.Database.ConnectionString);
        await connection.Open();
        using var ended = new CancellationTokenSource();
        var changes = 0;
        var elapsed = await Elapsed.OfAsync(async () =>
        {
            var options = new PgOutputReplicationOptions(_slot, PgOutputProtocolVersion.V1);
            await foreach (var message in connection.StartReplication(new PgOutputReplicationSlot(_slot), options, ended.Token))
            {
                changes += message is InsertMessage or UpdateMessage or DeleteMessage ? 1 : 0;
                if (message is CommitMessage commit && commit.TransactionEndLsn >= _end)
                    break;
            }
        });
        return changes == _changes ? elapsed : throw new InvalidOperationException($"The slot gave {changes} changes.");
    }

    /// <summary>Captures them.</summary>
    public async Task<TimeSpan> CaptureAsync()
    {
        await BeginAgainAsync();
        CaptureTotals? totals = null;
        var elapsed = await Elapsed.OfAsync(async () => totals = await CaptureJob.RunAsync(_options, CancellationToken.None));
        return totals!.ChangesCaptured == _changes
            ? elapsed
            : throw new InvalidOperationException($"The stream was not captured: {totals}.");
    }

    private static string Sql(int rows, int transaction, int changes)
    {
        var (inserts, deletes) = (changes / 2, changes / 6);
        var (updates, inserted) = (changes - inserts - deletes, rows + transaction * inserts);
        return $"""
            INSERT INTO things SELECT i, {CapturedSource.Values} FROM generate_series({inserted + 1}, {inserted + inserts}) i;
            UPDATE things SET n = n + 1, name = md5(name) WHERE id <= {updates};
            DELETE FROM things WHERE id > {inserted} AND id <= {inserted + deletes}
            """;
    }

    // A slot that was read to its end gives nothing again: each measurement gets a copy of the one that was kept, and the checkpoint.
    private async Task BeginAgainAsync()
    {
        await _source.Database.ExecuteAsync(
            $"SELECT pg_drop_replication_slot('{_slot}'), pg_copy_logical_replication_slot('{Kept}', '{_slot}')");
        await _options.S3.PutObjectAsync(new PutObjectRequest
        {
            BucketName = _options.Lake.Bucket,
            Key = _options.Lake.CheckpointKey(),
            InputStream = new MemoryStream(_checkpoint),
        });
    }

    private static async Task<byte[]> CheckpointAsync(CaptureOptions options)
    {
        using var response = await options.S3.GetObjectAsync(options.Lake.Bucket, options.Lake.CheckpointKey());
        using var bytes = new MemoryStream();
        await response.ResponseStream.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
