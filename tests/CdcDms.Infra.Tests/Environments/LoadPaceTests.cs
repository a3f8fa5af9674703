using System.Globalization;
using CdcDms.Contract.Tables;
using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Tests.Environments;

/// <summary>What a full load sets aside for large values fits into half of the memory, or the environment is refused.</summary>
public class LoadPaceTests
{
    private const long KilobytesPerGigabyte = 1024 * 1024;
    private static readonly int[] Sizes = [1, 32, 63, 1024, 4096, 102_400];

    [Fact]
    public void Every_class_with_any_tables_fits_or_is_refused_for_a_single_table()
    {
        var random = new Random(63);
        foreach (var instanceClass in DmsInstanceClasses.All)
            foreach (var size in Sizes)
            {
                var replication = Replication(instanceClass, size);
                var tables = Enumerable.Range(0, random.Next(1, 13)).Select(_ => Table(random.Next(0, 21))).ToList();
                Check(replication, tables);
            }
    }

    [Theory]
    [InlineData("dms.t3.small", 2)]
    [InlineData("dms.t3.large", 8)]
    [InlineData("dms.c5.9xlarge", 72)]
    [InlineData("dms.c7i.48xlarge", 384)]
    [InlineData("dms.r5.24xlarge", 768)]
    [InlineData("dms.r6i.large", 16)]
    [InlineData("dms.r6i.32xlarge", 1024)]
    public void Memory_of_a_class_is_that_of_the_user_guide(string instanceClass, int gigabytes) =>
        Assert.Equal(gigabytes, DmsInstanceClasses.MemoryGigabytes(instanceClass));

    [Fact]
    public void With_small_values_nothing_is_slowed_down() =>
        Assert.Equal(new LoadPace(8, 10_000), LoadPace.Of(Replication("dms.r6i.2xlarge", 63), [Table(2), Table(4), Table(0)]));

    [Fact]
    public void Tables_at_a_time_go_before_rows()
    {
        var large = Enumerable.Repeat(Table(4), 8).ToList();

        Assert.Equal(new LoadPace(4, 1_040), LoadPace.Of(Replication("dms.t3.medium", 126), large));
    }

    [Fact]
    public void Only_the_table_with_large_values_pays_for_them()
    {
        var small = Enumerable.Repeat(Table(4), 7);

        Assert.Equal(
            new LoadPace(8, 1_431), LoadPace.Of(Replication("dms.r6i.large", 63), [.. small, Table(1) with { LobKilobytes = 4096 }]));
        Assert.Null(LoadPace.Of(Replication("dms.r6i.large", 4096), [.. small, Table(1)]));
    }

    [Fact]
    public void A_table_whose_columns_are_not_listed_is_taken_to_have_eight_large_ones() =>
        Assert.Equal(8 * 63, LoadPace.KilobytesPerRow(Replication("dms.t3.small", 63), Table(0) with { Columns = null }));

    [Theory]
    [InlineData(NewColumnPolicy.Ignore, 8)]
    [InlineData(NewColumnPolicy.Add, 0)]
    [InlineData(NewColumnPolicy.Fail, 0)]
    public void A_list_of_some_columns_says_nothing_of_the_others_that_DMS_loads(NewColumnPolicy others, int large) =>
        Assert.Equal(large * 63, LoadPace.KilobytesPerRow(Replication("dms.t3.small", 63), Table(0) with
        {
            Columns = [new ColumnMapping { From = "id", To = "id", Type = "integer" }],
            NewColumns = others,
        }));

    [Theory]
    [InlineData("text", true)]
    [InlineData("integer[]", true)]
    [InlineData("varchar(20)[]", true)]
    [InlineData("jsonb", true)]
    [InlineData("public.mood", true)]
    [InlineData(null, true)]
    [InlineData("varchar(20)", false)]
    [InlineData("character varying(20)", false)]
    [InlineData("timestamp with time zone", false)]
    [InlineData("numeric(12,2)", false)]
    [InlineData("INTEGER", false)]
    public void A_type_that_may_be_large_counts(string? type, bool large) =>
        Assert.Equal(large ? 63 : 0, LoadPace.KilobytesPerRow(
            Replication("dms.t3.small", 63), Table(0) with { Columns = [new ColumnMapping { From = "a", To = "a", Type = type }] }));

    [Fact]
    public void An_environment_whose_values_do_not_fit_is_told_what_to_change()
    {
        var fault = Assert.Single(new EnvironmentJson("sandbox").With("replication.lobKilobytes", 4096).Faults());

        Assert.StartsWith("$.replication.lobKilobytes: a thousand rows of public.", fault, StringComparison.Ordinal);
        Assert.EndsWith("or raise $.replication.instance.class", fault, StringComparison.Ordinal);
    }

    private static void Check(ReplicationSettings replication, List<TableDefinition> tables)
    {
        var available = replication.Compute.MemoryGigabytes * KilobytesPerGigabyte / 2;
        var rows = tables.Select(table => LoadPace.KilobytesPerRow(replication, table)).OrderDescending().ToList();
        if (LoadPace.Of(replication, tables) is { } load)
        {
            Assert.InRange(load.Rows, 1_000, 10_000);
            Assert.InRange(rows.Take(load.Tables).Sum() * load.Rows, 0, available);
        }
        else
        {
            Assert.True(rows[0] * 1_000 > available, string.Create(CultureInfo.InvariantCulture, $"{rows[0]} KB, {available} KB"));
        }
    }

    private static ReplicationSettings Replication(string instanceClass, int lobKilobytes)
    {
        var replication = new EnvironmentJson("prod").Read().Replication;
        return replication with
        {
            LobKilobytes = lobKilobytes,
            Compute = ((InstanceCompute)replication.Compute) with { InstanceClass = instanceClass },
        };
    }

    private static TableDefinition Table(int largeColumns) => new()
    {
        Schema = "public",
        Name = "things",
        Target = "analytics.things",
        Columns = [.. Enumerable.Range(0, largeColumns)
            .Select(column => new ColumnMapping { From = $"c{column}", To = $"c{column}", Type = "text" })],
        NewColumns = NewColumnPolicy.Add,
    };
}
