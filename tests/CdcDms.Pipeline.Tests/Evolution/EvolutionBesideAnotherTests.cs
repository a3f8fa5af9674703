using Npgsql;

namespace CdcDms.Pipeline.Tests.Evolution;

/// <summary>Merges that give one target what their files need at the same time: no value is rounded by the one that comes second.</summary>
public sealed class EvolutionBesideAnotherTests(TestServers servers) : MergeFixture(servers)
{
    private const string IsWaiting =
        "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() "
        + "AND l.locktype = 'advisory' AND NOT l.granted)";

    /// <param name="extra">What the file has.</param>
    /// <param name="meanwhile">What another merge does to the target between this one's look at the target and its alteration.</param>
    /// <param name="type">The column's type in the end.</param>
    /// <param name="values">The values in the end.</param>
    [Theory]
    [InlineData("1.25::DECIMAL(22,2) AS qty", "ALTER qty TYPE numeric(14,6)", "numeric(26,6)", "0.123456 1.250000")]
    [InlineData("7::INTEGER AS small", "ALTER small TYPE bigint", "bigint", "9007199254740993 7")]
    [InlineData("0.1234::DECIMAL(12,4) AS extra", "ADD extra numeric(10,2)", "numeric(12,4)", "0.1200 0.1234")]
    [InlineData("9007199254740993 AS extra", "ADD extra integer", "bigint", "0 9007199254740993")]
    public async Task The_wider_of_two_types_is_taken_whichever_merge_comes_first(
        string extra, string meanwhile, string type, string values)
    {
        var column = extra[(extra.IndexOf(" AS ", StringComparison.Ordinal) + 4)..];
        await TargetAsync("id integer PRIMARY KEY, name text, qty numeric(10,2), small smallint");
        await Lake.ChangeAsync(Bare, 'I', 1, 1, "ada");
        await MergeAsync(Bare);
        await Lake.CdcAsync(Bare, $"SELECT 'I' AS op, 5 AS v, 2 AS id, 'bob' AS name, {extra}");
        await using var other = await Analytics.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await ExecuteAsync("SELECT pg_advisory_xact_lock(1130652484, id) FROM cdc.tables");

        var merge = MergeAsync(Bare);
        await UntilAsync(IsWaiting);
        await ExecuteAsync($"ALTER TABLE analytics.people {meanwhile}");
        await ExecuteAsync($"UPDATE analytics.people SET {column} = {values.Split(' ')[0]}");
        await transaction.CommitAsync();
        await merge;

        await AssertAnswerAsync(
            type,
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
            + $"WHERE attrelid = 'analytics.people'::regclass AND attname = '{column}'");
        await AssertAnswerAsync(values, $"SELECT string_agg({column}::text, ' ' ORDER BY id) FROM analytics.people");

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, other, transaction);
            await command.ExecuteNonQueryAsync();
        }
    }

    private async Task UntilAsync(string condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await Analytics.ScalarAsync<bool>(condition))
            deadline.Token.ThrowIfCancellationRequested();
    }
}
