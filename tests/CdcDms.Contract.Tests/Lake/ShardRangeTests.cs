using CdcDms.Contract.Lake;

namespace CdcDms.Contract.Tests.Lake;

/// <summary>Names of what is made of a stream's records.</summary>
public sealed class ShardRangeTests
{
    private const string Shape = "0123456789abcdef";
    private static readonly DateTime Arrived = new(2026, 11, 28, 18, 20, 34, 123, DateTimeKind.Utc);

    private static readonly ShardRange Range = ShardRange.Of(
        "shardId-000000000006", "49590338271490256608559692538361571095921575989136588898",
        "49590338271490256608559692540925702759324208523137515618", Arrived);

    [Fact]
    public void A_CDC_file_is_known_as_one_and_tells_the_time_of_its_first_record_and_not_its_folders()
    {
        var name = Range.CdcName(new DateOnly(2026, 11, 27), Shape);

        Assert.StartsWith("2026/11/27/20261128-182034123-000000000006-", name, StringComparison.Ordinal);
        Assert.True(ChangeFileName.IsCdc($"lake/g001/public/orders/{name}"));
        Assert.False(ChangeFileName.IsLoad(name));
        Assert.Equal(Arrived, ChangeFileName.TimeOf(name));
    }

    [Fact]
    public void A_full_load_file_is_known_as_one_tells_no_time_and_sorts_behind_all_date_folders()
    {
        var name = Range.LoadName(Shape);

        Assert.True(ChangeFileName.IsLoad($"lake/g001/public/orders/{name}"));
        Assert.False(ChangeFileName.IsCdc(name));
        Assert.Null(ChangeFileName.TimeOf(name));
        Assert.True(string.CompareOrdinal(name, "9999/12/31/") > 0);
    }

    [Fact]
    public void Another_shard_range_day_or_shape_has_another_name()
    {
        var day = new DateOnly(2026, 11, 27);
        ShardRange[] ranges =
        [
            Range,
            ShardRange.Of("shardId-000000000007", Range.First, Range.Last, Arrived),
            ShardRange.Of("shardId-000000000006", Range.First, Range.First, Arrived),
            ShardRange.Of("shardId-000000000006", Range.Last, Range.Last, Arrived),
        ];

        var cdc = ranges.Select(range => range.CdcName(day, Shape))
            .Append(Range.CdcName(day.AddDays(1), Shape)).Append(Range.CdcName(day, "1123456789abcdef")).ToList();
        var loads = ranges.Select(range => range.LoadName(Shape)).Append(Range.LoadName("1123456789abcdef")).ToList();

        Assert.Equal(cdc.Count, cdc.Distinct().Count());
        Assert.Equal(loads.Count, loads.Distinct().Count());
    }

    [Theory]
    [InlineData("shard-6", "1", "2")]
    [InlineData("shardId-000000000006", "", "2")]
    [InlineData("shardId-000000000006", "1", "2/3")]
    public void What_is_no_range_of_a_shard_is_refused(string shard, string first, string last)
    {
        var fault = Assert.Throws<CdcDmsException>(() => ShardRange.Of(shard, first, last, Arrived));

        Assert.Equal(ErrorKind.BadDefinition, fault.Kind);
    }

    [Theory]
    [InlineData("20261128-182034123-000000000006-1-2.parquet")]
    [InlineData("20261128-182034123-1.parquet")]
    public void A_name_that_lacks_a_part_is_no_CDC_file(string name) => Assert.False(ChangeFileName.IsCdc(name));
}
