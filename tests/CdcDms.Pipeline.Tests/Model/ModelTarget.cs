using System.Numerics;
using CdcDms.Contract.Changes;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Model;

/// <summary>The target table of a history, with its tombstones, as they are.</summary>
public sealed class ModelTarget
{
    private readonly NpgsqlConnection _connection;
    private readonly TableName _name;
    private readonly int _id;

    private ModelTarget(NpgsqlConnection connection, TableName name, int id) => (_connection, _name, _id) = (connection, name, id);

    /// <summary>Finds the table in the ledger.</summary>
    public static async Task<ModelTarget> OpenAsync(NpgsqlConnection connection, TableName name) => new(
        connection, name,
        await connection.ScalarAsync<int>("SELECT id FROM cdc.tables WHERE target_name = $1", CancellationToken.None, name.Name));

    /// <summary>No key's version is ever below what it was, unless a generation's floor has taken its place.</summary>
    public async Task NeverGoesBackAsync(Dictionary<int, BigInteger> seen, History history)
    {
        var now = (await RowsAsync(history)).ToDictionary(row => row.Key, row => BigInteger.Max(row.Version, row.DeletedAt ?? -1));
        foreach (var (key, version) in await TombstonesAsync(history))
            now[key] = BigInteger.Max(now.GetValueOrDefault(key, -1), version);
        var floor = Told(
            await _connection.ScalarAsync<BigInteger>("SELECT floor FROM cdc.tables WHERE id = $1", CancellationToken.None, _id), history);
        foreach (var (key, version) in seen)
            Assert.True(
                now.GetValueOrDefault(key, floor) >= version || floor >= version || history.ForgetsUpTo >= version,
                $"key {key} went back from {version} to {now.GetValueOrDefault(key)}");
        foreach (var (key, version) in now)
            seen[key] = version;
    }

    /// <summary>The rows and the tombstones are those of the fates.</summary>
    public async Task HoldsAsync(Dictionary<int, Fate> fates, History history)
    {
        var floor = history.Floor;
        var rows = (await RowsAsync(history)).ToDictionary(row => row.Key);
        if (floor < 1)
            Assert.True(rows.Remove(0));
        var late = await LateAsync(history);
        // Of a late change nobody knows whether its row was deleted since: it waits in the quarantine, a row of a load for the next proof.
        // Meanwhile an older image may have come that a delete has marked.
        foreach (var (key, fate) in fates.Where(fate => rows.GetValueOrDefault(fate.Key) is null or { DeletedAt: not null }).ToList())
            if (fate is { DeletedAt: null } && fate.Version <= history.ForgetsUpTo
                && (late.Contains(key) || (fate.Version == 0 && !rows.ContainsKey(key))))
                fates.Remove(key);
        Assert.Equal(
            Shown(fates.Where(fate => fate.Value.DeletedAt is null).Select(fate => (fate.Key, fate.Value))),
            Shown(rows.Values.Where(row => row.DeletedAt is null).Select(row => (row.Key, row.Fate))));
        if (history.ForgetsUpTo is not null)
            return;

        var tombstones = await TombstonesAsync(history);
        foreach (var (key, fate) in fates.Where(fate => fate.Value.DeletedAt is not null))
        {
            // An image below the floor may have come before the generation, and then its row is there, or after it, and then it is stale.
            if (history.SoftDeletes && rows.TryGetValue(key, out var row))
                Assert.True(
                    row.DeletedAt == fate.DeletedAt
                    && (fate.Image is null ? row.Version <= floor : Said(row.Fate, history) == Said(fate, history)),
                    $"key {key} is {row}, and must be {fate}");
            else
                Assert.True(
                    fate.Image is null && tombstones.GetValueOrDefault(key) == fate.DeletedAt,
                    $"key {key} is deleted at {tombstones.GetValueOrDefault(key)}, and must be {fate}");
        }

        Assert.DoesNotContain(tombstones.Keys, key => !fates.TryGetValue(key, out var fate) || fate.DeletedAt is null);
    }

    // What the last image of a deleted row did not say may be of a row that had the key before, or not.
    private static Fate Said(Fate fate, History history) => fate with
    {
        Image = fate.Image! with
        {
            Body = history.KeepOnNull ? null : fate.Image.Body,
            Extra = history.DroppedAt is null ? fate.Image.Extra : null,
        },
    };

    /// <summary>Rows that are not deleted.</summary>
    public async Task<long> LiveRowsAsync(History history) => (await RowsAsync(history)).Count(row => row.DeletedAt is null);

    /// <summary>Rows read by all batches.</summary>
    public Task<long> ReadAsync() =>
        _connection.ScalarAsync<long>("SELECT sum(read)::bigint FROM cdc.batches WHERE table_id = $1", CancellationToken.None, _id);

    /// <summary>Forgets tombstones, as a merge does when their retention is over.</summary>
    public Task ForgetAsync(long version) => _connection.ExecuteAsync(
        $"UPDATE cdc.tables SET purge_floor = {TestLake.Version(version)} WHERE id = {_id}; "
        + $"DELETE FROM cdc.{Sql.Identifier($"tombstones_{_id}")} WHERE _cdc_version <= {TestLake.Version(version)}",
        CancellationToken.None);

    /// <summary>The target refuses nothing any more.</summary>
    public Task AcceptAsync() => _connection.ExecuteAsync(
        $"ALTER TABLE {Sql.Identifier(_name)} DROP CONSTRAINT {Sql.Identifier($"{_name.Name}_qty_check")}", CancellationToken.None);

    /// <summary>Quarantined changes that the target would take: none, but for late ones.</summary>
    public Task<long> WronglyQuarantinedAsync(History history) => _connection.ScalarAsync<long>(
        "SELECT count(*) FROM cdc.quarantine WHERE table_id = $1 AND reason <> 'late' AND "
        + (history.RetriesAfter is null ? $"(change ->> 'qty')::int <> {Image.RefusedQty}" : "closed_at IS NULL"),
        CancellationToken.None, _id);

    /// <summary>A version as the history tells it: one number for the changes of both generations.</summary>
    private static BigInteger Told(BigInteger version, History history) => ChangeVersion.From((Int128)version) switch
    {
        { Generation: 2, Sequence.Value: var sequence } when sequence == 0 => history.SecondBegins!.Value,
        var whole => whole.Sequence.Value,
    };

    private static string Key(History history) => history.Spells ? "substr(id::text, 2)::int AS id" : "id";

    private Task<List<int>> LateAsync(History history) => _connection.QueryAsync(
        $"SELECT DISTINCT ({(history.Spells ? "substr(key ->> 'id', 2)" : "key ->> 'id'")})::int FROM cdc.quarantine "
        + "WHERE table_id = $1 AND reason = 'late' AND closed_at IS NULL",
        row => row.GetInt32(0), CancellationToken.None, _id).ToListAsync().AsTask();

    private sealed record Row(int Key, Image Image, BigInteger Version, BigInteger? DeletedAt)
    {
        public Fate Fate => new(Image, (long)Version, (long?)DeletedAt);
    }

    private Task<List<Row>> RowsAsync(History history) => _connection.QueryAsync(
        $"SELECT {Key(history)}, qty, body, extra, _cdc_version, {(history.SoftDeletes ? "_cdc_delete_version" : "NULL::numeric")} "
        + $"FROM {Sql.Identifier(_name)} ORDER BY id",
        row => new Row(
            row.GetInt32(0),
            new Image(row.GetInt32(1), row.IsDBNull(2) ? null : row.GetString(2), row.IsDBNull(3) ? null : row.GetInt32(3)),
            Told(row.GetFieldValue<BigInteger>(4), history),
            row.IsDBNull(5) ? null : Told(row.GetFieldValue<BigInteger>(5), history)),
        CancellationToken.None).ToListAsync().AsTask();

    private async Task<Dictionary<int, BigInteger>> TombstonesAsync(History history) =>
        (await _connection.QueryAsync(
            $"SELECT {Key(history)}, _cdc_version FROM cdc.{Sql.Identifier($"tombstones_{_id}")}",
            row => (Key: row.GetInt32(0), Version: Told(row.GetFieldValue<BigInteger>(1), history)),
            CancellationToken.None).ToListAsync())
        .ToDictionary(row => row.Key, row => row.Version);

    private static string Shown(IEnumerable<(int Key, Fate Fate)> fates) =>
        string.Join("\n", fates.OrderBy(fate => fate.Key).Select(fate => $"{fate.Key} {fate.Fate.Image} at {fate.Fate.Version}"));
}
