namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>Random changes over two generations, of which some are lost and some late, also a full load.</summary>
public sealed class ProofGenerationTests(TestServers servers) : ProofFixture(servers)
{
    [Theory]
    [InlineData(DeleteMode.Hard, LobUpdates.Trust, 11)]
    [InlineData(DeleteMode.Soft, LobUpdates.Trust, 12)]
    [InlineData(DeleteMode.Hard, LobUpdates.KeepOnNull, 13)]
    [InlineData(DeleteMode.Soft, LobUpdates.KeepOnNull, 14)]
    public async Task Whatever_is_late_or_was_lost_before_the_marker_of_the_newest_generation_the_rows_converge(
        DeleteMode deletes, LobUpdates lobs, int seed)
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
        var changes = new List<(int Generation, int Version, string Row)>();
        Dictionary<int, string> atRead = [], atLoad = [];
        var hasLoad = random.Next(2) == 0;
        for (var step = 1; step < 90; step++)
        {
            var generation = step < 30 ? 1 : 2;
            var version = first + step;
            if (step == 32)
                atLoad = new(state);
            if (step == 60)
                atRead = new(state);
            if (step % 10 == 0 || random.Next(2) == 0)
                continue;
            var id = random.Next(1, 6);
            var operation = !state.ContainsKey(id) ? 'I' : random.Next(3) == 0 ? 'D' : 'U';
            if (operation == 'D')
                state.Remove(id);
            else
                state[id] = $"n{version}";
            // Between 25 and 32 nobody reads the stream.
            if (step is < 25 or > 32)
                changes.Add((generation, version, $"('{operation}', {version}, {id}, {(operation == 'D' ? "NULL" : $"'n{version}'")})"));
        }

        // The first marker has the version first + 50, the rows are read at first + 60, and the second marker has first + 70.
        var arrived = changes.Where(change => change.Version > first + 50 || random.Next(3) > 0).ToList();
        var early = arrived.Where(_ => random.Next(3) > 0).ToList();
        var late = arrived.Except(early).OrderBy(_ => random.Next()).ToList();
        Lake.Generation = 1;
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, 99 AS id, 'z' AS name");
        await MergeAsync(table);
        await Source.ExecuteAsync(
            $"CREATE TABLE {table.Name} (id integer PRIMARY KEY, name text); "
            + string.Concat(atRead.Select(row => $"INSERT INTO {table.Name} VALUES ({row.Key}, '{row.Value}');")));
        var marker = await AskAsync(table, repairs: true, 1, 2, 3, 4, 5);
        var loadIsLate = random.Next(2) == 0;
        if (hasLoad && !loadIsLate)
            await LoadAsync(table, atLoad);
        foreach (var part in early.OrderBy(_ => random.Next()).GroupBy(change => (change.Generation, random.Next(3))))
        {
            await PutAsync(table, part);
            if (random.Next(2) == 0)
                await MergeAsync(table);
        }

        await MergeAsync(table);
        Lake.Generation = 2;
        await MarkersAsync(marker, first + 50, first + 70);
        await MergeAsync(table);
        Assert.Matches("^(Proven|Different) ", await OutcomeAsync(marker) + await CauseAsync());
        if (hasLoad && loadIsLate)
            await LoadAsync(table, atLoad);
        foreach (var part in late.GroupBy(change => (change.Generation, random.Next(3))))
        {
            await PutAsync(table, part);
            await MergeAsync(table);
        }

        await MergeAsync(table);
        Assert.Equal(
            $"{first}: " + string.Join(' ', state.OrderBy(row => row.Key).Select(row => $"{row.Key}={row.Value}")),
            $"{first}: " + await Analytics.ScalarAsync<string?>(
                $"SELECT string_agg(id || '=' || name, ' ' ORDER BY id) FROM {table.Target} WHERE id < 99"
                + (table.Deletes is DeleteMode.Soft ? " AND NOT _cdc_deleted" : "")));
    }

    private async Task LoadAsync(TableDefinition table, Dictionary<int, string> rows)
    {
        Lake.Generation = 2;
        if (rows.Count > 0)
            await Lake.LoadAsync(
                table, 1, $"SELECT * FROM (VALUES {string.Join(", ", rows.Select(row => $"({row.Key}, '{row.Value}')"))}) t(id, name)");
    }

    private async Task PutAsync(TableDefinition table, IEnumerable<(int Generation, int Version, string Row)> part)
    {
        var rows = part.ToList();
        Lake.Generation = rows[0].Generation;
        await ChangesAsync(table, [.. rows.Select(change => change.Row)]);
    }
}
