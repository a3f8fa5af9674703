using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Statements;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Tests.Statements;

/// <summary>What the staging table's statements cost: nothing is reduced again, looked up or read that need not be.</summary>
public sealed class StagingSqlTests
{
    [Theory]
    [InlineData("integer", "integer", false)]
    [InlineData("integer", "bigint", false)]
    [InlineData("smallint", "smallint", false)]
    [InlineData("numeric", "numeric", false)]
    [InlineData("real", "real", false)]
    [InlineData("real", "smallint", true)]
    [InlineData("real", "integer", true)]
    [InlineData("real", "bigint", true)]
    [InlineData("double precision", "integer", true)]
    [InlineData("numeric", "bigint", true)]
    [InlineData("date", "date", false)]
    [InlineData("timestamp", "timestamp", false)]
    [InlineData("timestamp", "date", true)]
    [InlineData("timestamptz", "date", true)]
    [InlineData("boolean", "boolean", false)]
    [InlineData("integer", "boolean", true)]
    [InlineData("text", "text", false)]
    [InlineData("text", "character varying", false)]
    [InlineData("text", "uuid", true)]
    [InlineData("text", "integer", true)]
    [InlineData("bytea", "bytea", false)]
    public void Keys_are_reduced_again_where_a_cast_may_make_one_of_two(string staged, string type, bool mayMeet) =>
        Assert.Equal(mayMeet, Staging(Key(staged, type)).KeysMayMeet);

    [Fact]
    public void One_column_of_a_key_that_the_target_compares_by_its_own_rules_is_enough()
    {
        var (plain, byOwnRules) = (Key("integer", "integer"), Key("numeric", "numeric", isPlain: false, name: "n"));

        Assert.True(Staging(byOwnRules).KeysMayMeet);
        Assert.True(Staging(plain, byOwnRules).KeysMayMeet);
        Assert.True(Staging(byOwnRules, plain).KeysMayMeet);
    }

    [Fact]
    public void Whether_a_row_is_new_is_looked_up_by_its_whole_key_in_partitioned_tables_alone()
    {
        StagedColumn[] key = [Key("integer", "integer"), Key("date", "date", name: "day")];

        Assert.Equal("t.xmax = 0", Staging(key).IsNew);
        Assert.Equal(
            "NOT EXISTS (SELECT FROM \"analytics\".\"people\" o WHERE o.\"id\" = t.\"id\" AND o.\"day\" = t.\"day\")",
            Staging(isPartitioned: true, key).IsNew);
    }

    [Fact]
    public void The_planner_is_told_of_keys_and_deletes_alone() => Assert.Equal(
        "SET LOCAL default_statistics_target = 10; ANALYZE pg_temp.cdc_staging (s_id, s_day, deleted)",
        Staging(Key("integer", "integer"), Key("date", "date", name: "day")).Analyze);

    [Theory]
    [InlineData(1000, 100, "100")]
    [InlineData(1000, 1_000_000, "0.21")]
    [InlineData(1, 30_000, "0.0167")]
    public void Of_a_large_batch_a_few_blocks_are_read_for_a_sample(int keys, long staged, string percent) => Assert.EndsWith(
        $" TABLESAMPLE SYSTEM ({percent}) LIMIT {keys}", Staging(Key("integer", "integer")).Sample(keys, staged), StringComparison.Ordinal);

    private static StagingSql Staging(params StagedColumn[] key) => Staging(isPartitioned: false, key);

    private static StagingSql Staging(bool isPartitioned, params StagedColumn[] key)
    {
        var target = new TargetTable(new TableName("analytics", "people"), [.. key.Select(column => column.Target)])
        {
            SoftDeletes = false,
            HasRegisters = false,
            HasNarrowVersions = false,
            IsPartitioned = isPartitioned,
            KnownNames = key.Select(column => column.Target.To).ToHashSet(),
        };
        return new StagingSql(target, key, new StagingForm(IsNumbered: false));
    }

    private static StagedColumn Key(string staged, string type, bool isPlain = true, string name = "id") => new(
        new TargetColumn(name, name, type, IsKey: true, isPlain, Collate: "", NullMayMeanUnchanged: false)
        {
            CastType = type,
            Modifier = -1,
            Default = TargetColumn.NoDefault,
            IsAlwaysIdentity = false,
            TypeIsGiven = false,
        },
        $"s_{name}",
        staged,
        NullMayMeanUnchanged: false);
}
