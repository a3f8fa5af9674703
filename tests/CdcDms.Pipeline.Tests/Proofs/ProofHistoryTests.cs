namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>Random changes of which some are lost before a proof reads, and some are late.</summary>
public sealed class ProofHistoryTests(TestServers servers) : ProofFixture(servers)
{
    [Theory]
    [InlineData(DeleteMode.Hard, LobUpdates.Trust, 1)]
    [InlineData(DeleteMode.Soft, LobUpdates.Trust, 2)]
    [InlineData(DeleteMode.Hard, LobUpdates.KeepOnNull, 3)]
    [InlineData(DeleteMode.Soft, LobUpdates.KeepOnNull, 4)]
    public async Task Whatever_is_late_or_was_lost_before_the_marker_the_rows_converge(DeleteMode deletes, LobUpdates lobs, int seed)
    {
        var random = new Random(seed);
        for (var history = 0; history < Histories; history++)
            await RunAsync(random, history * 100, People with
            {
                Name = $"people{history}",
                Target = $"analytics.people{history}",
                Deletes = deletes,
                LobUpdates = lobs,
            });
    }

    private async Task RunAsync(Random random, int first, TableDefinition table)
    {
        var state = new Dictionary<int, string>();
        var changes = new List<(int Version, string Row)>();
        Dictionary<int, string> atRead = [];
        for (var version = first + 1; version < first + 60; version++)
        {
            if (version == first + 30)
                atRead = new(state);
            if (version % 10 == 0 || random.Next(2) == 0)
                continue;
            var id = random.Next(1, 5);
            var operation = !state.ContainsKey(id) ? 'I' : random.Next(3) == 0 ? 'D' : 'U';
            if (operation == 'D')
                state.Remove(id);
            else
                state[id] = $"n{version}";
            changes.Add((version, $"('{operation}', {version}, {id}, {(operation == 'D' ? "NULL" : $"'n{version}'")})"));
        }

        // The first marker has the version first + 20, the rows are read at first + 30, and the second marker has first + 40.
        var arrived = changes.Where(change => change.Version > first + 20 || random.Next(3) > 0).ToList();
        var early = arrived.Where(_ => random.Next(3) > 0).ToList();
        var late = arrived.Except(early).OrderBy(_ => random.Next()).ToList();
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, 99 AS id, 'z' AS name");
        await MergeAsync(table);
        await Source.ExecuteAsync(
            $"CREATE TABLE {table.Name} (id integer PRIMARY KEY, name text); "
            + string.Concat(atRead.Select(row => $"INSERT INTO {table.Name} VALUES ({row.Key}, '{row.Value}');")));
        var marker = await AskAsync(table, repairs: true, 1, 2, 3, 4);
        foreach (var part in early.OrderBy(_ => random.Next()).Chunk(8))
        {
            await ChangesAsync(table, [.. part.Select(change => change.Row)]);
            if (random.Next(2) == 0)
                await MergeAsync(table);
        }

        await MergeAsync(table);
        await MarkersAsync(marker, first + 20, first + 40);
        await MergeAsync(table);
        Assert.Matches("^(Proven|Different) ", await OutcomeAsync(marker));
        foreach (var part in late.Chunk(6))
        {
            await ChangesAsync(table, [.. part.Select(change => change.Row)]);
            await MergeAsync(table);
        }

        Assert.Equal(
            $"{first}: " + string.Join(' ', state.OrderBy(row => row.Key).Select(row => $"{row.Key}={row.Value}")),
            $"{first}: " + await Analytics.ScalarAsync<string?>(
                $"SELECT string_agg(id || '=' || name, ' ' ORDER BY id) FROM {table.Target} WHERE id < 99"
                + (table.Deletes is DeleteMode.Soft ? " AND NOT _cdc_deleted" : "")));
    }
}
